// read_file and its like on the real disk.
#include "redbud/core/file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "redbud/core/bytes.h"
#include "redbud/testing/core/temp_folder.h"
#include "redbud/testing/core/throws_error.h"
#include "redbud/testing/core/without_root.h"

namespace redbud {
namespace {

testing::AssertionResult read_refuses(const Path& path, const std::string& text, ReadLimits limits = {}) {
  const auto result = throws_error([&] { read_file(path, limits); }, limits.kind, path.string() + ": " + text);
  if (!result) return result;
  return throws_error([&] { open_for_reading(path, limits); }, limits.kind, path.string() + ": " + text);
}

std::string read_text(const Path& path) { return std::string(as_text(read_file(path))); }

TEST(ReadFile, GivesAllBytes) {
  const TempFolder folder;
  EXPECT_EQ(read_text(folder.write("empty", "")), "");
  EXPECT_EQ(read_text(folder.write("text", std::string_view("a\0b\n", 4))), std::string_view("a\0b\n", 4));
  std::string large(3'000'001, 'x');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 + i / 251);
  EXPECT_EQ(read_text(folder.write("large", large)), large);
  std::filesystem::create_symlink(folder / "text", folder / "link");
  EXPECT_EQ(read_text(folder / "link").size(), 4u);
}

TEST(ReadFile, RefusesWhatIsNoFile) {
  const TempFolder folder;
  EXPECT_TRUE(read_refuses(folder / "missing", "no such file"));
  EXPECT_TRUE(read_refuses(folder.write("file", "x") / "below", "no such file"));
  EXPECT_TRUE(read_refuses(folder.path(), "is a folder, expected a regular file"));
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_TRUE(read_refuses(folder / "fifo", "is a named pipe (FIFO), expected a regular file"));
  EXPECT_TRUE(read_refuses("/dev/zero", "is a device, expected a regular file"));
  EXPECT_TRUE(read_refuses("/dev/null", "is a device, expected a regular file"));
  const int server = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder / "socket").c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_TRUE(read_refuses(folder / "socket", "is a socket, expected a regular file"));
  close(server);
  std::filesystem::create_symlink("loop", folder / "loop");
  EXPECT_TRUE(read_refuses(folder / "loop", "cannot be read (Too many levels of symbolic links)"));
  std::filesystem::create_symlink("nowhere", folder / "dangling");
  EXPECT_TRUE(read_refuses(folder / "dangling", "no such file"));
}

TEST(ReadFile, RefusesWithoutPermission) {
  const TempFolder folder;
  const Path secret = folder.write("secret", "x");
  std::filesystem::create_directory(folder / "closed");
  const Path inside = folder.write("closed/file", "x");
  std::filesystem::permissions(secret, std::filesystem::perms::none);
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::none);
  {
    const WithoutRoot user(folder.path());
    EXPECT_TRUE(read_refuses(secret, "no permission to read it"));
    EXPECT_TRUE(read_refuses(inside, "no permission to read it"));
  }
  std::filesystem::permissions(folder / "closed", std::filesystem::perms::owner_all);
}

TEST(ReadFile, KeepsItsLimit) {
  const TempFolder folder;
  const Path file = folder.write("file", std::string(2000, 'x'));
  EXPECT_EQ(read_file(file, {.limit_bytes = 2000}).size(), 2000u);
  EXPECT_TRUE(read_refuses(file, "the file is too large (2.0 KB), expected at most 1.9 KB",
                           {.kind = ErrorKind::Model, .limit_bytes = 1949}));
  const Path sparse = folder.write("sparse", "");
  std::filesystem::resize_file(sparse, uintmax_t{17} << 30);
  EXPECT_TRUE(read_refuses(sparse, "the file is too large (18 GB), expected at most 17 GB"));
}

TEST(ReadFile, KindFollowsTheReader) {
  EXPECT_TRUE(throws_error([] { read_file("none.redbud", {.kind = ErrorKind::Model}); }, ErrorKind::Model,
                           "none.redbud: no such file"));
}

/// A file whose size changes between the look at it and the read.
class Changing final : public FileSystem {
 public:
  explicit Changing(int64_t said) : said_(said) {}
  IoStatus open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file) override {
    std::unique_ptr<FileHandle> inner;
    const IoStatus status = real_file_system().open(path, mode, inner);
    file = std::make_unique<Handle>(std::move(inner), said_);
    return status;
  }
  IoStatus rename(const Path&, const Path&) override { return {EIO}; }
  IoStatus remove(const Path&) override { return {EIO}; }
  IoStatus make_folder(const Path&) override { return {EIO}; }
  IoStatus sync_folder(const Path&) override { return {EIO}; }
  IoStatus info(const Path& path, FileInfo& info) override { return real_file_system().info(path, info); }
  IoStatus list(const Path&, std::vector<std::string>&) override { return {EIO}; }
  IoStatus free_bytes(const Path&, int64_t&) override { return {EIO}; }

 private:
  class Handle final : public FileHandle {
   public:
    Handle(std::unique_ptr<FileHandle> inner, int64_t said) : inner_(std::move(inner)), said_(said) {}
    IoStatus read(std::span<std::byte> bytes, int64_t& done) override { return inner_->read(bytes, done); }
    IoStatus read_at(int64_t offset, std::span<std::byte> bytes, int64_t& done) override {
      return inner_->read_at(offset, bytes, done);
    }
    IoStatus write(std::span<const std::byte>, int64_t&) override { return {EIO}; }
    IoStatus sync() override { return {EIO}; }
    IoStatus truncate(int64_t) override { return {EIO}; }
    IoStatus lock_exclusive() override { return {EIO}; }
    IoStatus info(FileInfo& info) override {
      const IoStatus status = inner_->info(info);
      info.size = said_;
      return status;
    }
    IoStatus close() override { return inner_->close(); }

   private:
    std::unique_ptr<FileHandle> inner_;
    int64_t said_;
  };
  int64_t said_;
};

TEST(ReadFile, NoticesAChangeOfSize) {
  const TempFolder folder;
  const Path file = folder.write("file", "0123456789");
  Changing shrunk(15);
  Changing grown(4);
  {
    const ScopedFileSystem installed(shrunk);
    EXPECT_TRUE(throws_error([&] { read_file(file); }, ErrorKind::Data,
                             "the file changed while it was read (it ended after 10 bytes), expected 15 bytes"));
  }
  const ScopedFileSystem installed(grown);
  EXPECT_TRUE(throws_error([&] { read_file(file); }, ErrorKind::Data,
                           "the file changed while it was read (it grew), expected 4 bytes"));
}

TEST(ReadSystemText, ReadsFilesThatSayTheyAreEmpty) {
  const auto text = read_system_text("/proc/self/status");
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("Pid:\t" + std::to_string(getpid())), std::string::npos);
  EXPECT_FALSE(read_system_text("/proc/none"));
}

TEST(FileInfo, TellsWhatItSees) {
  const TempFolder folder;
  const Path path = folder.write("file", "12345");
  std::filesystem::create_hard_link(path, folder / "other");
  FileInfo info;
  ASSERT_TRUE(file_system().info(path, info).ok());
  EXPECT_EQ(info.type, FileType::Regular);
  EXPECT_EQ(info.size, 5);
  EXPECT_EQ(info.links, 2);
  struct stat found {};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(info.inode, found.st_ino);
  EXPECT_EQ(info.modified_ns / 1'000'000'000, found.st_mtime);
  ASSERT_TRUE(file_system().info(folder / "none", info).ok());
  EXPECT_EQ(info.type, FileType::Missing);
  ASSERT_TRUE(file_system().info(path / "below", info).ok());
  EXPECT_EQ(info.type, FileType::Missing);
}

TEST(Describe, KnowsAllErrors) {
  EXPECT_EQ(describe({ENOSPC}), "No space left on device");
  EXPECT_EQ(describe({EDQUOT}), "Disk quota exceeded");
  EXPECT_EQ(describe({99999}), "error 99999");
}

}  // namespace
}  // namespace redbud
