#include <gtest/gtest.h>

#include "redbud/core/file.h"
#include "redbud/testing/core/fault_file_system.h"
#include "redbud/testing/core/memory_file_system.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/without_root.h"

namespace redbud {
namespace {

TEST(MakeFolders, MakesParentsAndMayBeRepeated) {
  const TempFolder folder;
  make_folders(folder / "a/b/c");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/c"));
  make_folders(folder / "a/b/c");
  make_folders(folder / "a/b/d/");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/d"));
  make_folders(folder / "e/./f");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "e/f"));
  const Path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  make_folders("bare");
  make_folders(".");
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::is_directory(folder / "bare"));
}

TEST(MakeFolders, SaysWhyItCannot) {
  const TempFolder folder;
  const Path file = folder.write("file", "x");
  EXPECT_TRUE(throws_error([&] { make_folders(file); }, ErrorKind::Environment,
                           file.string() + ": is not a folder; choose another name"));
  EXPECT_TRUE(
      throws_error([&] { make_folders(file / "below"); }, ErrorKind::Environment, file.string() + ": is not a folder"));
  const WithoutRoot user(folder.path());
  EXPECT_TRUE(throws_error([&] { make_folders(folder / "mine"); }, ErrorKind::Environment,
                           "mine: cannot be written (Permission denied)"));
}

TEST(MakeFolders, EveryFailureIsAnErrorAndCanBeRepeated) {
  const int64_t operations = for_each_operation(FaultMode::Once, EIO, [&](const Fault& fault) {
    MemoryFileSystem disk;
    FaultFileSystem faulty(disk, fault);
    const ScopedFileSystem installed(faulty);
    const auto refused = throws_error([] { make_folders("a/b"); }, ErrorKind::Environment, "Input/output error");
    EXPECT_EQ(refused, faulty.was_met()) << fault.at << ": " << refused.message();
    if (!faulty.was_met()) return false;
    make_folders("a/b");
    FileInfo info;
    EXPECT_TRUE(disk.info("a/b", info).ok());
    EXPECT_EQ(info.type, FileType::Folder);
    return true;
  });
  EXPECT_EQ(operations, 7);  // info a/b, info a, info ., make a, sync ., make a/b, sync a
}

TEST(ProbeFolder, LeavesNothingBehind) {
  const TempFolder folder;
  probe_folder(folder.path(), 1000);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ProbeFolder, SaysWhyItCannot) {
  const TempFolder folder;
  const Path file = folder.write("file", "x");
  EXPECT_TRUE(throws_error([&] { probe_folder(folder / "none", 0); }, ErrorKind::Environment,
                           (folder / "none").string() + ": no such folder"));
  EXPECT_TRUE(
      throws_error([&] { probe_folder(file, 0); }, ErrorKind::Environment, file.string() + ": is not a folder"));
  const WithoutRoot user(folder.path());
  EXPECT_TRUE(throws_error([&] { probe_folder(folder.path(), 0); }, ErrorKind::Environment,
                           "cannot be written (Permission denied)"));
}

TEST(ProbeFolder, ComparesSpaceNeededAndFree) {
  MemoryFileSystem disk;
  disk.put("run/file", "x");
  disk.set_free_bytes(300'000);
  const ScopedFileSystem installed(disk);
  EXPECT_TRUE(throws_error([] { probe_folder("run", 2'000'000); }, ErrorKind::Environment,
                           "run: not enough space: needs 2.0 MB, 300 KB free; free some space, or"));
  EXPECT_NO_THROW(probe_folder("run", 300'000));
  disk.set_free_bytes(0);
  EXPECT_TRUE(throws_error([] { probe_folder("run", 0); }, ErrorKind::Environment, "No space left on device"));
}

TEST(ProbeFolder, FindsEveryFailure) {
  const int64_t operations = for_each_operation(FaultMode::Once, EROFS, [&](const Fault& fault) {
    MemoryFileSystem disk;
    disk.put("run/file", "x");
    FaultFileSystem faulty(disk, fault);
    const ScopedFileSystem installed(faulty);
    bool threw = false;
    try {
      probe_folder("run", 10);
    } catch (const Error& error) {
      threw = error.kind() == ErrorKind::Environment;
    }
    if (!faulty.was_met()) return false;
    const std::string operation = faulty.log().at(static_cast<size_t>(fault.at) - 1);
    // That the free space can't be asked is no proof of anything: the probe decides.
    EXPECT_EQ(threw, !operation.starts_with("free_bytes")) << operation;
    return true;
  });
  EXPECT_EQ(operations, 9);
}

}  // namespace
}  // namespace redbud
