#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ostream>

#include "redbud/core/file.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/memory_file_system.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

constexpr int64_t kAll = AppendLog::kKeepAll;

TEST(AppendLog, GrowsByFlushes) {
  const TempFolder folder;
  const Path path = folder / "log.jsonl";
  AppendLog log(path, kAll);
  EXPECT_EQ(log.bytes(), 0);
  log.add_line("one");
  EXPECT_EQ(text_of(path), "") << "nothing is written before flush()";
  EXPECT_TRUE(log.flush().ok());
  EXPECT_EQ(text_of(path), "one\n");
  EXPECT_EQ(log.bytes(), 4);
  log.add_line("two");
  log.add_line("");
  EXPECT_TRUE(log.flush().ok());
  EXPECT_TRUE(log.flush().ok());
  EXPECT_EQ(text_of(path), "one\ntwo\n\n");
  EXPECT_EQ(log.bytes(), 9);
}

TEST(AppendLog, DropsATornLastLine) {
  const TempFolder folder;
  const std::string long_line(10000, 'x');
  const std::vector<std::pair<std::string, std::string>> known = {{"", ""},
                                                                  {"torn", ""},
                                                                  {"a\n", "a\n"},
                                                                  {"a\nto", "a\n"},
                                                                  {"a\nb\n" + long_line, "a\nb\n"},
                                                                  {long_line, ""},
                                                                  {long_line + "\n" + long_line, long_line + "\n"},
                                                                  {"\n", "\n"}};
  for (const auto& [before, kept] : known) {
    const Path path = folder.write("log", before);
    AppendLog log(path, kAll);
    EXPECT_EQ(log.bytes(), static_cast<int64_t>(kept.size()));
    log.add_line("new");
    EXPECT_TRUE(log.flush().ok());
    EXPECT_EQ(text_of(path), kept + "new\n");
  }
}

TEST(AppendLog, IsCutBackToWhatACheckpointRemembers) {
  const TempFolder folder;
  const std::vector<std::pair<int64_t, std::string>> known = {
      {0, ""}, {4, "one\n"}, {5, "one\n"}, {8, "one\ntwo\n"}, {100, "one\ntwo\nsix\n"}};
  for (const auto& [keep, kept] : known) {
    const Path path = folder.write("log", "one\ntwo\nsix\n");
    const AppendLog log(path, keep);
    EXPECT_EQ(text_of(path), kept) << keep;
    EXPECT_EQ(log.bytes(), static_cast<int64_t>(kept.size()));
  }
}

TEST(AppendLog, OfBytesIsCutBackToTheByte) {
  const TempFolder folder;
  for (const auto& [keep, kept] :
       std::vector<std::pair<int64_t, std::string>>{{0, ""}, {5, "one\nt"}, {kAll, "one\ntwo"}}) {
    const Path path = folder.write("log", "one\ntwo");
    AppendLog log(path, keep, AppendLog::Of::Bytes);
    log.add(std::string_view("\0x", 2));
    EXPECT_TRUE(log.flush().ok());
    EXPECT_EQ(text_of(path), kept + std::string("\0x", 2));
  }
}

TEST(AppendLog, WritesIntoNothingElse) {
  const TempFolder folder;
  const Path victim = folder.write("victim", "precious\n");
  std::filesystem::create_symlink(victim, folder / "link");
  EXPECT_TRUE(throws_error([&] { AppendLog(folder / "link", 0); }, ErrorKind::Environment,
                           "link: cannot be written (Too many levels of symbolic links)"));
  std::filesystem::create_hard_link(victim, folder / "log");  // as in a snapshot made by `cp -l`
  AppendLog log(folder / "log", kAll);
  log.add_line("new");
  EXPECT_TRUE(log.flush().ok());
  EXPECT_EQ(text_of(folder / "log"), "precious\nnew\n");
  EXPECT_EQ(text_of(victim), "precious\n");
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_TRUE(throws_error([&] { AppendLog(folder / "fifo", 0); }, ErrorKind::Environment, "fifo: cannot be written"));
  EXPECT_TRUE(throws_error([&] { AppendLog(folder / "no/log", 0); }, ErrorKind::Environment,
                           "no/log: cannot be written (No such file or directory)"));
}

/// Three flushes; gives the size after the last that worked.
int64_t write_three(AppendLog& log) {
  for (const char* line : {"one", "two", "three"}) {
    log.add_line(std::string(line) + std::string(100, '.'));
    (void)log.flush();
  }
  return log.bytes();
}

std::string three_lines() {
  const std::string dots(100, '.');
  return "one" + dots + "\ntwo" + dots + "\nthree" + dots + "\n";
}

struct FaultCase {
  const char* name;
  FaultMode mode;
  int error;
};

void PrintTo(const FaultCase& fault, std::ostream* stream) { *stream << fault.name << ' ' << describe({fault.error}); }

class AppendLogFault : public testing::TestWithParam<FaultCase> {};
INSTANTIATE_TEST_SUITE_P(Errors, AppendLogFault,
                         testing::Values(FaultCase{"once", FaultMode::Once, EIO},
                                         FaultCase{"once", FaultMode::Once, ENOSPC},
                                         FaultCase{"once", FaultMode::Once, EINTR},
                                         FaultCase{"from then on", FaultMode::FromThenOn, EIO},
                                         FaultCase{"from then on", FaultMode::FromThenOn, ENOSPC},
                                         FaultCase{"short write", FaultMode::ShortWrite, 0}));

TEST_P(AppendLogFault, LosesAndRepeatsNoLine) {
  const int64_t operations = for_each_operation(GetParam().mode, GetParam().error, [&](const Fault& fault) {
    MemoryFileSystem disk;
    disk.put("run/log", "zero\n");
    FaultFileSystem faulty(disk, fault);
    const ScopedFileSystem installed(faulty);
    try {
      AppendLog log("run/log", kAll);
      write_three(log);
      EXPECT_TRUE(disk.text_of("run/log").starts_with("zero\n"));
      faulty.repair();
      EXPECT_TRUE(log.flush().ok());
      EXPECT_EQ(disk.text_of("run/log"), "zero\n" + three_lines()) << fault.at;
      EXPECT_EQ(log.bytes(), static_cast<int64_t>(disk.text_of("run/log").size()));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::Environment);
      EXPECT_EQ(disk.text_of("run/log"), "zero\n") << "refused on opening: nothing may have changed";
    }
    return fault.at <= faulty.count() && fault.at < 100;
  });
  EXPECT_GE(operations, 9);
}

TEST(AppendLog, ReportsAFullDiskAndGoesOnLater) {
  MemoryFileSystem disk;
  disk.put("run/log", "");
  const ScopedFileSystem installed(disk);
  AppendLog log("run/log", kAll);
  disk.set_free_bytes(150);
  write_three(log);
  EXPECT_EQ(log.bytes(), 104);
  EXPECT_EQ(log.flush().code, ENOSPC);
  disk.set_free_bytes(10'000);
  EXPECT_TRUE(log.flush().ok());
  EXPECT_EQ(disk.text_of("run/log"), three_lines());
}

TEST(AppendLog, PowerCutKeepsWhatWasFlushed) {
  int64_t flushed_cases = 0;
  for_each_operation(FaultMode::PowerCut, EIO, [&](const Fault& fault) {
    bool was_met = false;
    for (uint64_t seed = 0; seed < 20; ++seed) {
      MemoryFileSystem disk;
      disk.put("run/log", "zero\n");
      FaultFileSystem faulty(disk, fault);
      int64_t flushed = 5;
      {
        const ScopedFileSystem installed(faulty);
        (void)loses_power([&] {
          AppendLog log("run/log", kAll);
          for (const char* line : {"one", "two"}) {
            log.add_line(line);
            if (log.flush().ok()) flushed = log.bytes();
          }
        });
      }
      was_met = faulty.was_met();
      if (flushed > 5) ++flushed_cases;
      disk.lose_power(seed);
      const ScopedFileSystem installed(disk);
      const AppendLog again("run/log", flushed);
      EXPECT_EQ(disk.text_of("run/log"), std::string("zero\none\ntwo\n").substr(0, static_cast<size_t>(flushed)));
      EXPECT_EQ(again.bytes(), flushed);
    }
    return was_met;
  });
  EXPECT_GT(flushed_cases, 0);
}

}  // namespace
}  // namespace redbud
