// The doubles and helpers of testing/core, which other tests rely on.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include "redbud/core/bytes.h"
#include "redbud/testing/core/allocations.h"
#include "redbud/testing/core/data_folder.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/memory_file_system.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud {
namespace {

TEST(Tolerance, HoldsForRealSumsAndIsNotWide) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (const int64_t terms : {1, 10, 784, 100'000}) {
    double worst = 0;
    double largest = 0;
    for (int trial = 0; trial < 20; ++trial) {
      float sum = 0;
      double truth = 0;
      for (int64_t i = 0; i < terms; ++i) {
        const auto x = static_cast<float>(uniform(random));
        const auto y = static_cast<float>(uniform(random));
        sum += x * y;
        truth += static_cast<double>(x) * y;
      }
      worst = std::max(worst, std::abs(static_cast<double>(sum) - truth));
      largest = std::max(largest, std::abs(truth));
    }
    const double allowed = tolerance(DType::F32, {.terms_per_sum = terms}) * largest;
    EXPECT_LE(worst, allowed) << terms;
    EXPECT_GE(worst, allowed / 200) << terms << ": a tolerance that wide sees nothing";
  }
}

TEST(Tolerance, FollowsTheType) {
  EXPECT_GT(tolerance(DType::BF16), tolerance(DType::F16));
  EXPECT_GT(tolerance(DType::F16), tolerance(DType::F32));
  EXPECT_GT(tolerance(DType::F32), tolerance(DType::F64));
  EXPECT_EQ(tolerance(DType::I32), 0);
}

TEST(AllClose, ComparesByTheLargestMagnitude) {
  const std::vector<double> expected = {100, -1, 0};
  EXPECT_TRUE(all_close(std::vector<float>{100, -1, 0}, expected, 0));
  EXPECT_TRUE(all_close(std::vector<double>{100.05, -1.05, 0.05}, expected, 0.001));
  EXPECT_FALSE(all_close(std::vector<double>{100, -1, 0.11}, expected, 0.001));
  EXPECT_FALSE(all_close(std::vector<double>{100, -1}, expected, 0.001));
  EXPECT_TRUE(all_close(std::vector<double>{}, std::vector<double>{}, 0));
  const auto result = all_close(std::vector<double>{100, -1.3, 0.2}, expected, 0.001);
  EXPECT_NE(std::string(result.message()).find("2 of 3 values are off; the worst, [1], is -1.3, expected -1"),
            std::string::npos)
      << result.message();
}

TEST(AllClose, SeesNanAndInfinity) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto one = [](double v) { return std::vector<double>{1, v}; };
  EXPECT_TRUE(all_close(one(kNan), one(kNan), 0.1));
  EXPECT_TRUE(all_close(one(kInfinity), one(kInfinity), 0.1));
  EXPECT_FALSE(all_close(one(kNan), one(1), 1e9));
  EXPECT_FALSE(all_close(one(1), one(kNan), 1e9));
  EXPECT_FALSE(all_close(one(kInfinity), one(1), 1e9));
  EXPECT_FALSE(all_close(one(1), one(kInfinity), 1e9));
  EXPECT_FALSE(all_close(one(-kInfinity), one(kInfinity), 1e9));
}

TEST(ThrowsError, ComparesKindAndText) {
  const auto fail = [] { throw Error(ErrorKind::Data, {.where = "a.csv:3", .fact = "odd"}); };
  EXPECT_TRUE(throws_error(fail, ErrorKind::Data, "a.csv:3: odd"));
  EXPECT_FALSE(throws_error(fail, ErrorKind::Model, "a.csv:3: odd"));
  EXPECT_FALSE(throws_error(fail, ErrorKind::Data, "even"));
  EXPECT_FALSE(throws_error([] {}, ErrorKind::Data, ""));
  EXPECT_FALSE(throws_error([] { throw std::runtime_error("odd"); }, ErrorKind::Data, "odd"));
}

TEST(TempFolder, IsRemovedWithAllInIt) {
  Path path;
  {
    const TempFolder folder;
    path = folder.path();
    folder.write("a/b/file", "x");
    EXPECT_EQ(text_of(folder / "a/b/file"), "x");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

/// Puts an environment variable back when it ends.
class Variable {
 public:
  explicit Variable(const char* name) : name_(name) {
    if (const char* value = std::getenv(name)) before_ = value;
  }
  ~Variable() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(DataFolder, FollowsItsVariable) {
  const Variable variable("REDBUD_DATA");
  const TempFolder folder;
  setenv("REDBUD_DATA", folder.path().c_str(), 1);
  EXPECT_EQ(data_folder(), folder.path());
  EXPECT_EQ(require_data(), folder.path());
  setenv("REDBUD_DATA", (folder / "none").c_str(), 1);
  EXPECT_EQ(data_folder(), std::nullopt);
}

TEST(DataFolder, MissingIsAFailureInCi) {
  const Variable data("REDBUD_DATA");
  const Variable ci("CI");
  setenv("REDBUD_DATA", "/nowhere", 1);
  setenv("CI", "true", 1);
  EXPECT_NONFATAL_FAILURE(require_data(), "set REDBUD_DATA");
  unsetenv("CI");
  EXPECT_EQ(require_data(), std::nullopt);
}

TEST(FailingAllocation, FailsTheRightOne) {
  if (!allocations_are_counted()) GTEST_SKIP() << "ThreadSanitizer has its own operator new";
  const int64_t before = allocations();
  const auto three = [] { return std::vector<std::string>{std::string(100, 'a'), std::string(100, 'b')}.size(); };
  three();
  const int64_t count = allocations() - before;
  EXPECT_GE(count, 3);
  for (int64_t k = 1; k <= count + 1; ++k) {
    FailingAllocation failing(k);
    bool failed = false;
    try {
      three();
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    EXPECT_EQ(failed, k <= count) << k;
    EXPECT_EQ(failing.was_met(), failed);
  }
  EXPECT_EQ(three(), 2u) << "afterwards all is as before";
}

// The model in memory against the real thing: the same operations, the same answers.
std::vector<std::string> exercise(FileSystem& system, const Path& root) {
  std::vector<std::string> answers;
  const auto note = [&](const std::string& what, IoStatus status) {
    answers.push_back(what + ": " + describe(status));
  };
  std::unique_ptr<FileHandle> file;
  int64_t done = 0;
  note("make", system.make_folder(root / "d"));
  note("make again", system.make_folder(root / "d"));
  note("make deep", system.make_folder(root / "x/y"));
  note("open missing", system.open(root / "d/f", OpenMode::Read, file));
  note("open in missing folder", system.open(root / "x/f", OpenMode::CreateNew, file));
  note("create", system.open(root / "d/f", OpenMode::CreateNew, file));
  note("write", file->write(as_bytes(std::string_view("0123456789")), done));
  note("truncate", file->truncate(4));
  note("sync", file->sync());
  note("close", file->close());
  note("create again", system.open(root / "d/f", OpenMode::CreateNew, file));
  note("append", system.open(root / "d/f", OpenMode::Append, file));
  note("write end", file->write(as_bytes(std::string_view("ab")), done));
  std::vector<std::byte> bytes(8);
  note("read_at", file->read_at(3, bytes, done));
  answers.emplace_back(as_text(std::span(bytes).first(static_cast<size_t>(done))));
  note("read_at beyond", file->read_at(30, bytes, done));
  answers.push_back(std::to_string(done));
  std::unique_ptr<FileHandle> other;
  note("lock", file->lock_exclusive());
  note("open lock", system.open(root / "d/f", OpenMode::Lock, other));
  note("lock again", other->lock_exclusive());
  note("close", file->close());
  note("lock now", other->lock_exclusive());
  note("close other", other->close());
  note("rename", system.rename(root / "d/f", root / "d/g"));
  note("rename missing", system.rename(root / "d/f", root / "d/h"));
  note("remove full folder", system.remove(root / "d"));
  std::vector<std::string> names;
  note("list", system.list(root, names));
  answers.insert(answers.end(), names.begin(), names.end());
  note("list", system.list(root / "d", names));
  answers.insert(answers.end(), names.begin(), names.end());
  note("list missing", system.list(root / "x", names));
  FileInfo info;
  note("info", system.info(root / "d/g", info));
  answers.push_back(std::to_string(static_cast<int>(info.type)) + " " + std::to_string(info.size));
  note("info missing", system.info(root / "d/f", info));
  answers.push_back(std::to_string(static_cast<int>(info.type)));
  note("remove", system.remove(root / "d/g"));
  note("remove missing", system.remove(root / "d/g"));
  note("sync folder", system.sync_folder(root / "d"));
  note("sync missing folder", system.sync_folder(root / "x"));
  note("remove folder", system.remove(root / "d"));
  return answers;
}

TEST(MemoryFileSystem, AnswersAsTheRealOne) {
  const TempFolder folder;
  MemoryFileSystem memory;
  memory.put("/t/seed", "x");
  folder.write("seed", "x");
  EXPECT_EQ(exercise(memory, "/t"), exercise(real_file_system(), folder.path()));
}

TEST(MemoryFileSystem, PowerCutTakesOnlyWhatWasNotSynced) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    MemoryFileSystem disk;
    disk.put("f", "safe");
    std::unique_ptr<FileHandle> file;
    int64_t done = 0;
    ASSERT_TRUE(disk.open("f", OpenMode::Append, file).ok());
    ASSERT_TRUE(file->write(as_bytes(std::string_view("+synced")), done).ok());
    ASSERT_TRUE(file->sync().ok());
    ASSERT_TRUE(file->write(as_bytes(std::string_view("AB")), done).ok());
    ASSERT_TRUE(file->write(as_bytes(std::string_view("CD")), done).ok());
    disk.lose_power(seed);
    ASSERT_TRUE(disk.text_of("f").starts_with("safe+synced"));
    seen.insert(disk.text_of("f").substr(11));
  }
  EXPECT_TRUE(seen.contains(""));                        // lost
  EXPECT_TRUE(seen.contains("ABCD"));                    // all there
  EXPECT_TRUE(seen.contains("A"));                       // torn
  EXPECT_TRUE(seen.contains(std::string("\0\0CD", 4)));  // the later without the earlier
  EXPECT_TRUE(seen.contains(std::string("AB\0\0", 4)));  // the length without the content
}

TEST(MemoryFileSystem, PowerCutMayForgetNames) {
  std::set<std::string> seen;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    MemoryFileSystem disk;
    disk.put("old", "x");
    ASSERT_TRUE(disk.rename("old", "new").ok());
    disk.lose_power(seed);
    seen.insert(std::string(disk.has("old") ? "old" : "") + (disk.has("new") ? "new" : ""));
    MemoryFileSystem synced;
    synced.put("old", "x");
    ASSERT_TRUE(synced.rename("old", "new").ok());
    ASSERT_TRUE(synced.sync_folder(".").ok());
    synced.lose_power(seed);
    ASSERT_TRUE(synced.has("new") && !synced.has("old"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"old", "new"}));
}

TEST(FaultFileSystem, CountsAndFails) {
  MemoryFileSystem disk;
  disk.put("f", "content");
  FaultFileSystem faulty(disk, {.at = 2, .mode = FaultMode::Once, .error = ENOSPC});
  FileInfo info;
  EXPECT_TRUE(faulty.info("f", info).ok());
  EXPECT_EQ(faulty.remove("f").code, ENOSPC);
  EXPECT_TRUE(disk.has("f"));
  EXPECT_TRUE(faulty.remove("f").ok());
  EXPECT_FALSE(disk.has("f"));
  EXPECT_EQ(faulty.log(), (std::vector<std::string>{"info f", "remove f failed", "remove f"}));
}

TEST(FaultFileSystem, NothingHappensAfterAPowerCut) {
  MemoryFileSystem disk;
  disk.put("f", "content");
  FaultFileSystem faulty(disk, {.at = 1, .mode = FaultMode::PowerCut});
  EXPECT_TRUE(loses_power([&] { (void)faulty.remove("f"); }));
  EXPECT_EQ(faulty.remove("f").code, EIO);
  EXPECT_TRUE(disk.has("f"));
}

}  // namespace
}  // namespace redbud
