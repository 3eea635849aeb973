#pragma once
#include <cerrno>

#include "redbud/core/file.h"

// What file.cpp, append_log.cpp and folder_lock.cpp share. Not for other rooms.
namespace redbud::detail {

/// Repeats a step that a signal interrupted. Never for fsync or close, whose repetition would hide a failure.
template <class Step>
IoStatus until_not_interrupted(Step step) {
  IoStatus status = step();
  while (status.code == EINTR) status = step();
  return status;
}

IoStatus open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file);
/// Writes all bytes, however many calls that takes.
IoStatus write_all(FileHandle& file, std::span<const std::byte> bytes);
/// Reads until `bytes` is full or the file ends; `done` = how many.
IoStatus read_all(FileHandle& file, std::span<std::byte> bytes, int64_t& done);
IoStatus read_all_at(FileHandle& file, int64_t offset, std::span<std::byte> bytes, int64_t& done);
/// The folder that holds `path`: "." for a bare name.
Path folder_of(const Path& path);

/// A new temporary file beside `path`. Throws as write_file.
std::unique_ptr<FileHandle> create_temporary(const Path& path, Path& temporary, int64_t bytes_needed);

/// The error of a write: cause, and where the disk is full, bytes needed and free.
[[noreturn]] void refuse_write(const Path& path, IoStatus status, int64_t bytes_needed);

}  // namespace redbud::detail
