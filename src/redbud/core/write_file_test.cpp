// write_file on the real disk.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "redbud/core/bytes.h"
#include "redbud/core/file.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/without_root.h"

namespace redbud {
namespace {

TEST(WriteFile, WritesAndReplaces) {
  const TempFolder folder;
  const Path path = folder / "file";
  write_text_file(path, "old content that is longer");
  EXPECT_EQ(text_of(path), "old content that is longer");
  write_text_file(path, "new");
  EXPECT_EQ(text_of(path), "new");
  const std::array<std::span<const std::byte>, 4> parts = {
      as_bytes(std::string_view("a")), {}, as_bytes(std::string_view("bc")), as_bytes(std::string_view("\n"))};
  write_file(path, std::span(parts));
  EXPECT_EQ(text_of(path), "abc\n");
  write_text_file(path, "");
  EXPECT_EQ(std::filesystem::file_size(path), 0u);
  std::vector<std::string> names;
  ASSERT_TRUE(file_system().list(folder.path(), names).ok());
  EXPECT_EQ(names, std::vector<std::string>{"file"}) << "nothing else may be left";
}

TEST(WriteFile, BareNameGoesToTheCurrentFolder) {
  const TempFolder folder;
  const Path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  write_text_file("bare", "x");
  std::filesystem::current_path(before);
  EXPECT_EQ(text_of(folder / "bare"), "x");
}

TEST(WriteFile, DoesEveryStepInOrder) {
  const TempFolder folder;
  FaultFileSystem watched(real_file_system());
  const ScopedFileSystem installed(watched);
  const Path path = folder / "file";
  write_text_file(path, "x");
  const std::string temporary = watched.log().at(0).substr(5);
  EXPECT_TRUE(temporary.starts_with(path.string() + "." + std::to_string(getpid()) + "-")) << temporary;
  EXPECT_TRUE(temporary.ends_with(".tmp"));
  EXPECT_EQ(watched.log(), (std::vector<std::string>{"open " + temporary, "write " + temporary, "sync " + temporary,
                                                     "close " + temporary, "rename " + path.string(),
                                                     "sync_folder " + folder.path().string()}));
}

TEST(WriteFile, NeverWritesThroughPlantedLinks) {
  const TempFolder folder;
  const Path victim = folder.write("victim", "precious");
  std::filesystem::create_directory(folder / "out");
  const Path path = folder / "out/file";
  FaultFileSystem watched(real_file_system());
  const ScopedFileSystem installed(watched);
  write_text_file(folder / "out/probe", "x");
  const std::string used = watched.log().at(0);
  const int64_t number = std::stoll(used.substr(used.rfind('-') + 1));
  for (int64_t next = number + 1; next <= number + 4; ++next) {
    const Path planted = path.string() + "." + std::to_string(getpid()) + "-" + std::to_string(next) + ".tmp";
    if (next % 2 == 0) std::filesystem::create_symlink(victim, planted);
    if (next % 2 == 1) std::filesystem::create_hard_link(victim, planted);
  }
  write_text_file(path, "new");
  EXPECT_EQ(text_of(victim), "precious");
  EXPECT_EQ(text_of(path), "new");
  std::filesystem::remove(path);
  std::filesystem::create_symlink(victim, path);  // at the final name: the link is replaced
  write_text_file(path, "newer");
  EXPECT_FALSE(std::filesystem::is_symlink(path));
  EXPECT_EQ(text_of(path), "newer");
  EXPECT_EQ(text_of(victim), "precious");
}

TEST(WriteFile, GivesUpWhereEveryTemporaryNameIsTaken) {
  // All names exist, whatever they are: an error, not an endless search.
  class Taken final : public FileSystem {
    IoStatus open(const Path&, OpenMode, std::unique_ptr<FileHandle>&) override { return {EEXIST}; }
    IoStatus rename(const Path&, const Path&) override { return {}; }
    IoStatus remove(const Path&) override { return {}; }
    IoStatus make_folder(const Path&) override { return {}; }
    IoStatus sync_folder(const Path&) override { return {}; }
    IoStatus info(const Path&, FileInfo&) override { return {}; }
    IoStatus list(const Path&, std::vector<std::string>&) override { return {}; }
    IoStatus free_bytes(const Path&, int64_t&) override { return {}; }
  } taken;
  const ScopedFileSystem installed(taken);
  EXPECT_TRUE(throws_error([] { write_text_file("a/b", "x"); }, ErrorKind::Environment,
                           "a/b: cannot be written (File exists)"));
}

TEST(WriteFile, SaysWhyItCannot) {
  const TempFolder folder;
  EXPECT_TRUE(throws_error([&] { write_text_file(folder / "no/file", "x"); }, ErrorKind::Environment,
                           "no/file: cannot be written (No such file or directory)"));
  const Path file = folder.write("file", "x");
  EXPECT_TRUE(throws_error([&] { write_text_file(file / "below", "x"); }, ErrorKind::Environment,
                           "below: cannot be written (Not a directory)"));
  std::filesystem::create_directory(folder / "taken");
  folder.write("taken/inside", "x");
  EXPECT_TRUE(throws_error([&] { write_text_file(folder / "taken", "x"); }, ErrorKind::Environment,
                           "taken: cannot be written (Is a directory)"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2) << "no temporary file is left";
  const WithoutRoot user(folder.path());
  EXPECT_TRUE(throws_error([&] { write_text_file(folder / "mine", "x"); }, ErrorKind::Environment,
                           "mine: cannot be written (Permission denied); choose a folder that you may write to"));
}

TEST(WriteFile, SurvivesTheLimitOfFileSize) {
  const TempFolder folder;
  const Path path = folder / "file";
  write_text_file(path, "old");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto result = throws_error([&] { write_text_file(path, std::string(5000, 'x')); }, ErrorKind::Environment,
                                   "file: cannot be written: needs 5.0 KB, ");
  const auto named = throws_error([&] { write_text_file(path, std::string(5000, 'x')); }, ErrorKind::Environment,
                                  "(File too large); files may not grow so large here: see `ulimit -f`");
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_TRUE(result);
  EXPECT_TRUE(named);
  EXPECT_EQ(text_of(path), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteFile, ReadersSeeOldOrNew) {
  const TempFolder folder;
  const Path path = folder / "file";
  const std::string one(100'000, '1');
  const std::string two(70'000, '2');
  write_text_file(path, one);
  std::thread writer([&] {
    for (int i = 0; i < 100; ++i) write_text_file(path, i % 2 == 0 ? two : one);
  });
  int64_t torn = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string text = text_of(path);
    if (text != one && text != two) ++torn;
  }
  writer.join();
  EXPECT_EQ(torn, 0);
}

}  // namespace
}  // namespace redbud
