#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "redbud/core/error.h"

namespace redbud {

using Path = std::filesystem::path;

/// What the operating system answered: 0, or an errno value.
struct IoStatus {
  int code = 0;
  bool ok() const { return code == 0; }
};

enum class FileType { Missing, Regular, Folder, Fifo, Socket, Device, Other };
struct FileInfo {
  FileType type = FileType::Missing;
  int64_t size = 0;
  int64_t modified_ns = 0;
  uint64_t inode = 0;
  int64_t links = 1;  // names that the file has
};

/// An open file. Closing is explicit where its failure matters; the destructor closes silently.
class FileHandle {
 public:
  virtual ~FileHandle() = default;
  /// Reads at most bytes.size() bytes; `done` = how many (0 = end of file).
  virtual IoStatus read(std::span<std::byte> bytes, int64_t& done) = 0;
  virtual IoStatus read_at(int64_t offset, std::span<std::byte> bytes, int64_t& done) = 0;
  virtual IoStatus write(std::span<const std::byte> bytes, int64_t& done) = 0;
  virtual IoStatus sync() = 0;
  virtual IoStatus truncate(int64_t size) = 0;
  virtual IoStatus lock_exclusive() = 0;  // flock, without waiting: EWOULDBLOCK if another process holds it
  virtual IoStatus info(FileInfo& info) = 0;
  virtual IoStatus close() = 0;
};

enum class OpenMode {
  Read,
  CreateNew,  // O_CREAT | O_EXCL | O_NOFOLLOW, for writing
  Append,     // read, and write at the end; created if missing; O_NOFOLLOW
  Lock,       // read and write, created if missing; O_NOFOLLOW
};

/// The one seam to the disk. Everything under src/redbud goes through it, so a test can make any operation fail.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual IoStatus open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file) = 0;
  virtual IoStatus rename(const Path& from, const Path& to) = 0;
  virtual IoStatus remove(const Path& path) = 0;
  virtual IoStatus make_folder(const Path& path) = 0;  // one level; EEXIST if there
  virtual IoStatus sync_folder(const Path& path) = 0;
  virtual IoStatus info(const Path& path, FileInfo& info) = 0;  // follows links; Missing is not an error
  virtual IoStatus list(const Path& folder, std::vector<std::string>& names) = 0;  // sorted
  virtual IoStatus free_bytes(const Path& folder, int64_t& bytes) = 0;
};

/// The operating system's, or the one that a test has installed.
FileSystem& file_system();

/// Replaces file_system() while it lives. For tests.
class ScopedFileSystem {
 public:
  explicit ScopedFileSystem(FileSystem& replacement);
  ~ScopedFileSystem();

 private:
  FileSystem* previous_;
};

/// The operating system's own, for a test double to wrap.
FileSystem& real_file_system();

/// Who reads: decides the exit code of what is wrong with a file's path.
struct ReadLimits {
  ErrorKind kind = ErrorKind::Data;  // Data for data files, Model for model files
  int64_t limit_bytes = int64_t{16} << 30;
};

/// A whole file in memory.
/// Throws  Error{limits.kind} naming the path: missing, a folder, not a regular file (FIFO, device, socket), no
/// permission, larger
///         than the limit, changed in size while it was read.
std::vector<std::byte> read_file(const Path& path, const ReadLimits& limits = {});

/// Opens a regular file for reading in parts, with the same refusals as read_file.
std::unique_ptr<FileHandle> open_for_reading(const Path& path, const ReadLimits& limits = {});

/// The text of a file of the system's own (under /proc or /sys), whose size is not known before; none if it can't be
/// read.
std::optional<std::string> read_system_text(const Path& path);

/// Replaces `path` as a whole: sibling temporary file (name ends in ".<pid>-<number>.tmp"), write, fsync, rename, fsync
/// of the folder. After a failure the old file is as it was (only if the very last step failed, the new one stands
/// there already) and the temporary file is gone; a failed fsync is never repeated. A link at `path` is replaced, never
/// written through. `parts` are written one after the other. Throws  Error{Environment} with path, cause, bytes needed
/// and free.
void write_file(const Path& path, std::span<const std::span<const std::byte>> parts);
void write_file(const Path& path, std::span<const std::byte> bytes);
void write_text_file(const Path& path, const std::string& text);

/// Removes temporary files that write_file left in `folder` when its process was killed: regular files whose name has
/// write_file's pattern and whose process is gone. For the holder of the folder's lock. Gives the names removed.
std::vector<std::string> remove_stale_temporaries(const Path& folder);

/// Creates the folder and its parents; fine if it is there. Throws Error{Environment}.
void make_folders(const Path& folder);

/// Proves that `folder`, which must be there, has `bytes_needed` free and can be written: a probe file is written,
/// synced, renamed, removed. Throws Error{Environment}.
void probe_folder(const Path& folder, int64_t bytes_needed);

/// Holds `<folder>/.lock` while it lives, with pid and host in it. Throws Error{Environment} naming the holder if
/// another process has it.
class FolderLock {
 public:
  explicit FolderLock(const Path& folder);
  ~FolderLock();

 private:
  std::unique_ptr<FileHandle> file_;
};

/// A log that only grows: appended in memory, written and synced at flush(). On opening, the log is cut back to
/// `keep_bytes` (the size that a checkpoint remembers; kKeepAll) if it is longer, and the torn last line of a log of
/// lines is dropped. Throws  Error{Environment}, on opening only.
class AppendLog {
 public:
  static constexpr int64_t kKeepAll = INT64_MAX;
  enum class Of { Lines, Bytes };

  AppendLog(Path path, int64_t keep_bytes, Of what = Of::Lines);
  void add_line(const std::string& line);
  void add(std::string_view bytes) { pending_ += bytes; }
  /// Writes what was added. A failure is returned, not thrown; the lines stay for the next flush.
  IoStatus flush();
  /// Size on disk after the last good flush.
  int64_t bytes() const { return bytes_; }

 private:
  IoStatus reopen();

  Path path_;
  std::unique_ptr<FileHandle> file_;  // none after a failure
  std::string pending_;
  int64_t bytes_ = 0;
};

/// "No space left on device", ...; in English, whatever the locale.
std::string describe(IoStatus status);

}  // namespace redbud
