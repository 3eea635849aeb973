// write_file, with each of its operations made to fail in turn, and with the power cut before each.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "redbud/core/bytes.h"
#include "redbud/core/file.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/memory_file_system.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

const std::string kOld(3000, 'o');
const std::string kNew(5000, 'n');
const Path kFile = "run/model";

void write_new() {
  const auto bytes = as_bytes(std::string_view(kNew));
  const std::array<std::span<const std::byte>, 3> parts = {bytes.first(100), bytes.subspan(100, 4000),
                                                           bytes.subspan(4100)};
  write_file(kFile, std::span(parts));
}

std::vector<std::string> temporaries_in(MemoryFileSystem& disk) {
  std::vector<std::string> names;
  std::vector<std::string> temporaries;
  EXPECT_TRUE(disk.list("run", names).ok());
  for (const std::string& name : names) {
    if (name.ends_with(".tmp")) temporaries.push_back(name);
  }
  return temporaries;
}

int64_t times_in(const std::vector<std::string>& log, std::string_view start, std::string_view end = "") {
  return std::count_if(log.begin(), log.end(),
                       [&](const std::string& line) { return line.starts_with(start) && line.ends_with(end); });
}

struct FaultCase {
  FaultMode mode;
  int error;
};

void PrintTo(const FaultCase& fault, std::ostream* stream) {
  *stream << (fault.mode == FaultMode::Once ? "once: " : "from then on: ") << describe({fault.error});
}

class WriteFileFault : public testing::TestWithParam<FaultCase> {};
INSTANTIATE_TEST_SUITE_P(Errors, WriteFileFault,
                         testing::Values(FaultCase{FaultMode::Once, EIO}, FaultCase{FaultMode::Once, ENOSPC},
                                         FaultCase{FaultMode::Once, EDQUOT}, FaultCase{FaultMode::Once, EFBIG},
                                         FaultCase{FaultMode::Once, EACCES}, FaultCase{FaultMode::FromThenOn, EIO},
                                         FaultCase{FaultMode::FromThenOn, ENOSPC},
                                         FaultCase{FaultMode::FromThenOn, EROFS}));

TEST_P(WriteFileFault, LeavesOldOrNewAndSaysWhy) {
  const FaultMode mode = GetParam().mode;
  const int error = GetParam().error;
  const int64_t operations = for_each_operation(mode, error, [&](const Fault& fault) {
    MemoryFileSystem disk;
    disk.put(kFile, kOld);
    FaultFileSystem faulty(disk, fault);
    const ScopedFileSystem installed(faulty);
    const auto refused = throws_error(write_new, ErrorKind::Environment, "run/model: cannot be written");
    EXPECT_EQ(refused, faulty.was_met()) << "operation " << fault.at << ": " << refused.message();
    if (!faulty.was_met()) return false;
    const auto named = throws_error(  // the cause, read from a second failure of the same kind
        [&] {
          FaultFileSystem again(disk, fault);
          const ScopedFileSystem inner(again);
          write_new();
        },
        ErrorKind::Environment, describe({error}));
    EXPECT_TRUE(named) << fault.at;

    const std::string last = faulty.log().at(static_cast<size_t>(fault.at) - 1);
    const bool renamed = last.starts_with("sync_folder");
    EXPECT_EQ(disk.text_of(kFile), renamed ? kNew : kOld) << last;
    if (mode == FaultMode::Once) {
      EXPECT_TRUE(temporaries_in(disk).empty()) << last;
    }
    EXPECT_LE(times_in(faulty.log(), "sync "), 1) << "a failed fsync was repeated";
    EXPECT_LE(times_in(faulty.log(), "sync_folder "), 1);

    faulty.repair();
    const int64_t before = faulty.count();
    write_new();  // a later try works, with a file of its own
    EXPECT_EQ(disk.text_of(kFile), kNew);
    EXPECT_NE(faulty.log().at(static_cast<size_t>(before)), faulty.log().at(0)) << "the temporary name was used again";
    return true;
  });
  EXPECT_EQ(operations, 8);  // open, 3 writes, sync, close, rename, sync_folder
}

TEST(WriteFile, SignalsAreNoFailureWhereRepeatingIsSafe) {
  for_each_operation(FaultMode::Once, EINTR, [&](const Fault& fault) {
    MemoryFileSystem disk;
    disk.put(kFile, kOld);
    FaultFileSystem faulty(disk, fault);
    const ScopedFileSystem installed(faulty);
    bool threw = false;
    try {
      write_new();
    } catch (const Error&) {
      threw = true;
    }
    if (!faulty.was_met()) return false;
    const std::string operation = faulty.log().at(static_cast<size_t>(fault.at) - 1);
    const bool repeatable = !operation.starts_with("sync") && !operation.starts_with("close");
    EXPECT_EQ(threw, !repeatable) << operation;
    const bool is_new = repeatable || operation.starts_with("sync_folder");
    EXPECT_EQ(disk.text_of(kFile), is_new ? kNew : kOld) << operation;
    EXPECT_TRUE(temporaries_in(disk).empty()) << operation;
    return true;
  });
}

TEST(WriteFile, ShortWritesGoOn) {
  const int64_t operations = for_each_operation(FaultMode::ShortWrite, 0, [&](const Fault& fault) {
    MemoryFileSystem disk;
    disk.put(kFile, kOld);
    FaultFileSystem faulty(disk, fault);
    const ScopedFileSystem installed(faulty);
    write_new();
    EXPECT_EQ(disk.text_of(kFile), kNew);
    return faulty.was_met();
  });
  EXPECT_GE(operations, 8);
}

TEST(WriteFile, NeverLoopsOnAWriteThatDoesNothing) {
  class Stuck final : public FileHandle {
   public:
    IoStatus read(std::span<std::byte>, int64_t& done) override { return done = 0, IoStatus{}; }
    IoStatus read_at(int64_t, std::span<std::byte>, int64_t& done) override { return done = 0, IoStatus{}; }
    IoStatus write(std::span<const std::byte>, int64_t& done) override { return done = 0, IoStatus{}; }
    IoStatus sync() override { return {}; }
    IoStatus truncate(int64_t) override { return {}; }
    IoStatus lock_exclusive() override { return {}; }
    IoStatus info(FileInfo&) override { return {}; }
    IoStatus close() override { return {}; }
  };
  class StuckSystem final : public FileSystem {
    IoStatus open(const Path&, OpenMode, std::unique_ptr<FileHandle>& file) override {
      file = std::make_unique<Stuck>();
      return {};
    }
    IoStatus rename(const Path&, const Path&) override { return {}; }
    IoStatus remove(const Path&) override { return {}; }
    IoStatus make_folder(const Path&) override { return {}; }
    IoStatus sync_folder(const Path&) override { return {}; }
    IoStatus info(const Path&, FileInfo&) override { return {}; }
    IoStatus list(const Path&, std::vector<std::string>&) override { return {}; }
    IoStatus free_bytes(const Path&, int64_t&) override { return {}; }
  } stuck;
  const ScopedFileSystem installed(stuck);
  EXPECT_TRUE(throws_error([] { write_text_file("x", "y"); }, ErrorKind::Environment, "Input/output error"));
}

TEST(WriteFile, FullDiskKeepsTheOldFileAndTellsTheNumbers) {
  for (const int64_t room : {0, 1, 99, 100, 101, 2500, 4999}) {
    MemoryFileSystem disk;
    disk.put(kFile, kOld);
    disk.set_free_bytes(room);
    const ScopedFileSystem installed(disk);
    const std::string free = room == 0 ? "0 bytes free" : "free (No space left on device)";
    EXPECT_TRUE(throws_error(write_new, ErrorKind::Environment, "run/model: cannot be written: needs 5.0 KB, "))
        << room;
    EXPECT_TRUE(throws_error(write_new, ErrorKind::Environment, free)) << room;
    EXPECT_EQ(disk.text_of(kFile), kOld) << room;
    EXPECT_TRUE(temporaries_in(disk).empty()) << room;
    int64_t left = 0;
    EXPECT_TRUE(disk.free_bytes("run", left).ok());
    EXPECT_EQ(left, room) << "the space of the failed try is free again";
  }
  MemoryFileSystem disk;
  disk.put(kFile, kOld);
  disk.set_free_bytes(5000);
  const ScopedFileSystem installed(disk);
  write_new();
  EXPECT_EQ(disk.text_of(kFile), kNew);
}

/// Cuts the power before every operation of `write`, with many outcomes for what was not synced; counts what is found
/// afterwards.
struct Outcomes {
  int64_t damaged = 0;    // neither old nor new
  int64_t forgotten = 0;  // write() had returned, but the old one is there
  int64_t kept_old = 0;
  int64_t kept_new = 0;
};

template <class Write>
Outcomes cut_power_everywhere(Write write) {
  Outcomes outcomes;
  for_each_operation(FaultMode::PowerCut, EIO, [&](const Fault& fault) {
    bool was_met = false;
    for (uint64_t seed = 0; seed < 40; ++seed) {
      MemoryFileSystem disk;
      disk.put(kFile, kOld);
      FaultFileSystem faulty(disk, fault);
      const ScopedFileSystem installed(faulty);
      const bool cut = loses_power(write);
      was_met = faulty.was_met();
      disk.lose_power(seed);
      const std::string found = disk.text_of(kFile);
      if (found != kOld && found != kNew) ++outcomes.damaged;
      if (!cut && found == kOld) ++outcomes.forgotten;
      (found == kOld ? outcomes.kept_old : outcomes.kept_new) += 1;
    }
    return was_met;
  });
  return outcomes;
}

TEST(WriteFile, PowerCutLeavesOldOrNew) {
  const Outcomes outcomes = cut_power_everywhere(write_new);
  EXPECT_EQ(outcomes.damaged, 0);
  EXPECT_EQ(outcomes.forgotten, 0) << "what was reported as written must stay";
  EXPECT_GT(outcomes.kept_old, 0);
  EXPECT_GT(outcomes.kept_new, 0);
}

// That the test above can fail: writers that leave out a step are caught by it.
enum class Omitted { SyncFile, SyncFolder, Temporary };

void write_carelessly(Omitted omitted) {
  const Path target = omitted == Omitted::Temporary ? kFile : Path("run/model.tmp");
  if (omitted == Omitted::Temporary) {
    ASSERT_TRUE(file_system().remove(kFile).ok());
  }
  std::unique_ptr<FileHandle> file;
  ASSERT_TRUE(file_system().open(target, OpenMode::CreateNew, file).ok());
  int64_t done = 0;
  ASSERT_TRUE(file->write(as_bytes(std::string_view(kNew)), done).ok());
  if (omitted != Omitted::SyncFile) {
    ASSERT_TRUE(file->sync().ok());
  }
  if (omitted != Omitted::Temporary) {
    ASSERT_TRUE(file_system().rename(target, kFile).ok());
  }
  if (omitted != Omitted::SyncFolder) {
    ASSERT_TRUE(file_system().sync_folder("run").ok());
  }
}

TEST(CarelessWriter, IsCaught) {
  EXPECT_GT(cut_power_everywhere([] { write_carelessly(Omitted::SyncFile); }).damaged, 0);
  EXPECT_GT(cut_power_everywhere([] { write_carelessly(Omitted::SyncFolder); }).forgotten, 0);
  EXPECT_GT(cut_power_everywhere([] { write_carelessly(Omitted::Temporary); }).damaged, 0);
}

}  // namespace
}  // namespace redbud
