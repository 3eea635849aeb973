#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "redbud/core/file.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/memory_file_system.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

std::string host() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

TEST(FolderLock, NamesItsHolder) {
  const TempFolder folder;
  const FolderLock lock(folder.path());
  EXPECT_EQ(text_of(folder / ".lock"), std::to_string(getpid()) + " " + host() + "\n");
  EXPECT_TRUE(throws_error([&] { FolderLock second(folder.path()); }, ErrorKind::Environment,
                           folder.path().string() + ": the folder is in use by process " + std::to_string(getpid()) +
                               " on host " + host() +
                               "; wait until it has ended, or choose another folder with --out"));
}

TEST(FolderLock, EndsWithItsObject) {
  const TempFolder folder;
  { const FolderLock first(folder.path()); }
  const TempFolder other;
  EXPECT_NO_THROW({
    const FolderLock second(folder.path());
    const FolderLock elsewhere(other.path());
  });
}

TEST(FolderLock, EndsWithItsProcess) {
  const TempFolder folder;
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const FolderLock lock(folder.path());
    (void)!write(ready[1], "x", 1);
    while (true) pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(throws_error([&] { FolderLock second(folder.path()); }, ErrorKind::Environment,
                           "in use by process " + std::to_string(child) + " on host "));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const FolderLock after(folder.path());
  EXPECT_EQ(text_of(folder / ".lock"), std::to_string(getpid()) + " " + host() + "\n") << "the dead one's name is gone";
  close(ready[0]);
  close(ready[1]);
}

TEST(FolderLock, WritesIntoNothingElse) {
  const TempFolder folder;
  const Path victim = folder.write("victim", "precious");
  std::filesystem::create_symlink(victim, folder / ".lock");
  EXPECT_TRUE(throws_error([&] { FolderLock lock(folder.path()); }, ErrorKind::Environment,
                           ".lock: cannot be written (Too many levels of symbolic links)"));
  std::filesystem::remove(folder / ".lock");
  std::filesystem::create_hard_link(victim, folder / ".lock");
  EXPECT_TRUE(throws_error([&] { FolderLock lock(folder.path()); }, ErrorKind::Environment,
                           ".lock: is not a plain file with this one name; remove it if no run uses the folder"));
  std::filesystem::remove(folder / ".lock");
  ASSERT_EQ(mkfifo((folder / ".lock").c_str(), 0600), 0);
  EXPECT_TRUE(throws_error([&] { FolderLock lock(folder.path()); }, ErrorKind::Environment, "is not a plain file"));
  EXPECT_EQ(text_of(victim), "precious");
}

TEST(FolderLock, SaysWhyItCannot) {
  EXPECT_TRUE(throws_error([] { FolderLock lock("/nowhere"); }, ErrorKind::Environment,
                           "/nowhere/.lock: cannot be written (No such file or directory)"));
}

TEST(FolderLock, HolderThatHasNotWrittenYetIsAnotherProcess) {
  MemoryFileSystem disk;
  disk.put("run/.lock", "");
  std::unique_ptr<FileHandle> holder;
  ASSERT_TRUE(disk.open("run/.lock", OpenMode::Lock, holder).ok());
  ASSERT_TRUE(holder->lock_exclusive().ok());
  const ScopedFileSystem installed(disk);
  EXPECT_TRUE(throws_error([] { FolderLock lock("run"); }, ErrorKind::Environment, "in use by another process; wait"));
}

TEST(FolderLock, EveryFailureIsAnError) {
  const int64_t operations = for_each_operation(FaultMode::Once, EIO, [&](const Fault& fault) {
    MemoryFileSystem disk;
    disk.put("run/file", "");
    FaultFileSystem faulty(disk, fault);
    const ScopedFileSystem installed(faulty);
    const auto refused = throws_error([] { FolderLock lock("run"); }, ErrorKind::Environment, "Input/output error");
    EXPECT_EQ(refused, faulty.was_met()) << refused.message();
    return faulty.was_met();
  });
  EXPECT_EQ(operations, 5);  // open, info, lock, truncate, write
}

}  // namespace
}  // namespace redbud
