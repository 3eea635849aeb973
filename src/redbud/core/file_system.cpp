// The operating system's files (POSIX). Everything that is said about a failure is said by the callers in file.cpp and
// its like.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "redbud/core/file.h"

namespace redbud {
namespace {

IoStatus status_of(int64_t result) { return {result < 0 ? errno : 0}; }

FileType type_of(mode_t mode) {
  if (S_ISREG(mode)) return FileType::Regular;
  if (S_ISDIR(mode)) return FileType::Folder;
  if (S_ISFIFO(mode)) return FileType::Fifo;
  if (S_ISSOCK(mode)) return FileType::Socket;
  return S_ISCHR(mode) || S_ISBLK(mode) ? FileType::Device : FileType::Other;
}

FileInfo info_of(const struct stat& found) {
  return {.type = type_of(found.st_mode),
          .size = found.st_size,
          .modified_ns = int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec,
          .inode = found.st_ino,
          .links = static_cast<int64_t>(found.st_nlink)};
}

int flags_of(OpenMode mode) {
  // O_NONBLOCK: opening a FIFO must not wait for its other end. It means nothing for regular files.
  constexpr int kAlways = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  switch (mode) {
    case OpenMode::Read:
      return kAlways | O_RDONLY;
    case OpenMode::CreateNew:
      return kAlways | O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    case OpenMode::Append:
      return kAlways | O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW;
    case OpenMode::Lock:
      break;
  }
  return kAlways | O_RDWR | O_CREAT | O_NOFOLLOW;
}

class PosixFile final : public FileHandle {
 public:
  PosixFile() = default;
  ~PosixFile() override { close(); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  IoStatus open(const Path& path, OpenMode mode) {
    descriptor_ = ::open(path.c_str(), flags_of(mode), 0666);
    return status_of(descriptor_);
  }
  IoStatus read(std::span<std::byte> bytes, int64_t& done) override {
    return counted(::read(descriptor_, bytes.data(), bytes.size()), done);
  }
  IoStatus read_at(int64_t offset, std::span<std::byte> bytes, int64_t& done) override {
    return counted(::pread(descriptor_, bytes.data(), bytes.size(), offset), done);
  }
  IoStatus write(std::span<const std::byte> bytes, int64_t& done) override {
    return counted(::write(descriptor_, bytes.data(), bytes.size()), done);
  }
  IoStatus sync() override { return status_of(::fsync(descriptor_)); }
  IoStatus truncate(int64_t size) override { return status_of(::ftruncate(descriptor_, size)); }
  IoStatus lock_exclusive() override { return status_of(::flock(descriptor_, LOCK_EX | LOCK_NB)); }
  IoStatus info(FileInfo& info) override {
    struct stat found {};
    const IoStatus status = status_of(::fstat(descriptor_, &found));
    if (status.ok()) info = info_of(found);
    return status;
  }
  IoStatus close() override {
    if (descriptor_ < 0) return {};
    const IoStatus status = status_of(::close(descriptor_));
    descriptor_ =
        -1;  // Linux has closed it even where it says EINTR: a second close could hit another thread's new file
    return status.code == EINTR ? IoStatus{} : status;
  }

 private:
  static IoStatus counted(int64_t result, int64_t& done) {
    done = std::max<int64_t>(0, result);
    return status_of(result);
  }

  int descriptor_ = -1;
};

class PosixFileSystem final : public FileSystem {
 public:
  IoStatus open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file) override {
    auto opened = std::make_unique<PosixFile>();  // first: where there is no memory for it, no file is made either
    const IoStatus status = opened->open(path, mode);
    if (status.ok()) file = std::move(opened);
    return status;
  }
  IoStatus rename(const Path& from, const Path& to) override { return status_of(::rename(from.c_str(), to.c_str())); }
  IoStatus remove(const Path& path) override { return status_of(std::remove(path.c_str())); }
  IoStatus make_folder(const Path& path) override { return status_of(::mkdir(path.c_str(), 0777)); }

  IoStatus sync_folder(const Path& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return {errno};
    IoStatus status = status_of(::fsync(descriptor));
    ::close(descriptor);
    if (status.code == EINVAL) status = {};  // some file systems have no fsync for folders
    return status;
  }

  IoStatus info(const Path& path, FileInfo& info) override {
    info = {};
    struct stat found {};
    const IoStatus status = status_of(::stat(path.c_str(), &found));
    if (status.code == ENOENT || status.code == ENOTDIR) return {};
    if (status.ok()) info = info_of(found);
    return status;
  }

  IoStatus list(const Path& folder, std::vector<std::string>& names) override {
    names.clear();
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), ::closedir);
    if (!stream) return {errno};
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    const IoStatus status{errno};
    std::sort(names.begin(), names.end());
    return status;
  }

  IoStatus free_bytes(const Path& folder, int64_t& bytes) override {
    struct statvfs found {};
    const IoStatus status = status_of(::statvfs(folder.c_str(), &found));
    if (status.ok()) bytes = static_cast<int64_t>(found.f_bavail * found.f_frsize);
    return status;
  }
};

FileSystem*& current() {
  static FileSystem* system = &real_file_system();
  return system;
}

}  // namespace

FileSystem& real_file_system() {
  static PosixFileSystem system;
  return system;
}

FileSystem& file_system() { return *current(); }

ScopedFileSystem::ScopedFileSystem(FileSystem& replacement) : previous_(current()) { current() = &replacement; }
ScopedFileSystem::~ScopedFileSystem() { current() = previous_; }

std::string describe(IoStatus status) {
  const char* text = strerrordesc_np(status.code);
  return text == nullptr ? "error " + std::to_string(status.code) : text;
}

}  // namespace redbud
