// read_file, open_for_reading, write_file.
#include "redbud/core/file.h"

#include <array>
#include <new>
#include <numeric>

#include "redbud/core/bytes.h"
#include "redbud/core/file_steps.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

using detail::folder_of;
using detail::refuse_write;
using detail::until_not_interrupted;

std::string name_of(FileType type) {
  switch (type) {
    case FileType::Folder:
      return "a folder";
    case FileType::Fifo:
      return "a named pipe (FIFO)";
    case FileType::Socket:
      return "a socket";
    case FileType::Device:
      return "a device";
    default:
      return "something else";
  }
}

[[noreturn]] void refuse_read(const Path& path, ErrorKind kind, ErrorText text) {
  text.where = path.string();
  throw Error(kind, std::move(text));
}

[[noreturn]] void refuse_read(const Path& path, ErrorKind kind, IoStatus status) {
  if (status.code == ENOENT || status.code == ENOTDIR) refuse_read(path, kind, {.fact = "no such file"});
  if (status.code == EACCES || status.code == EPERM) {
    refuse_read(path, kind, {.fact = "no permission to read it", .hint = "see `ls -l` and `chmod`"});
  }
  refuse_read(path, kind, {.fact = "cannot be read", .found = describe(status)});
}

void check_readable(const Path& path, const FileInfo& info, const ReadLimits& limits) {
  if (info.type == FileType::Missing) refuse_read(path, limits.kind, IoStatus{ENOENT});
  if (info.type != FileType::Regular) {
    refuse_read(path, limits.kind, {.fact = "is " + name_of(info.type), .expected = "a regular file"});
  }
  if (info.size > limits.limit_bytes) {
    refuse_read(path, limits.kind,
                {.fact = "the file is too large",
                 .found = format_bytes(info.size),
                 .expected = "at most " + format_bytes(limits.limit_bytes)});
  }
}

/// Looks before it opens (opening some devices acts on them), and again at what was opened.
std::unique_ptr<FileHandle> open_checked(const Path& path, const ReadLimits& limits, FileInfo& info) {
  IoStatus status = until_not_interrupted([&] { return file_system().info(path, info); });
  if (!status.ok()) refuse_read(path, limits.kind, status);
  check_readable(path, info, limits);
  std::unique_ptr<FileHandle> file;
  status = detail::open(path, OpenMode::Read, file);
  if (status.ok()) status = until_not_interrupted([&] { return file->info(info); });
  if (!status.ok()) refuse_read(path, limits.kind, status);
  check_readable(path, info, limits);
  return file;
}

std::vector<std::byte> memory_for(const Path& path, int64_t bytes) {
  try {
    return std::vector<std::byte>(static_cast<size_t>(bytes));
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::Environment,
                {.where = path.string(), .fact = "not enough memory to read it: needs " + format_bytes(bytes)});
  }
}

IoStatus write_parts(FileHandle& file, std::span<const std::span<const std::byte>> parts) {
  for (const auto part : parts) {
    const IoStatus status = detail::write_all(file, part);
    if (!status.ok()) return status;
  }
  const IoStatus synced = file.sync();
  return synced.ok() ? file.close() : synced;
}

}  // namespace

std::vector<std::byte> read_file(const Path& path, const ReadLimits& limits) {
  FileInfo info;
  const auto file = open_checked(path, limits, info);
  std::vector<std::byte> bytes = memory_for(path, info.size);
  int64_t done = 0;
  int64_t beyond = 0;
  IoStatus status = detail::read_all(*file, bytes, done);
  std::array<std::byte, 1> one_more{};
  if (status.ok() && done == info.size) status = detail::read_all(*file, one_more, beyond);
  if (!status.ok()) refuse_read(path, limits.kind, status);
  if (done != info.size || beyond != 0) {
    refuse_read(path, limits.kind,
                {.fact = "the file changed while it was read",
                 .found = beyond != 0 ? "it grew" : "it ended after " + with_thousands(done) + " bytes",
                 .expected = with_thousands(info.size) + " bytes",
                 .hint = "try again when nothing writes to it"});
  }
  return bytes;
}

std::unique_ptr<FileHandle> open_for_reading(const Path& path, const ReadLimits& limits) {
  FileInfo info;
  return open_checked(path, limits, info);
}

std::optional<std::string> read_system_text(const Path& path) {
  constexpr int64_t kMost = 1 << 20;
  std::unique_ptr<FileHandle> file;
  if (!detail::open(path, OpenMode::Read, file).ok()) return std::nullopt;
  std::string text;
  std::array<std::byte, 4096> part{};
  while (static_cast<int64_t>(text.size()) < kMost) {
    int64_t done = 0;
    if (!detail::read_all(*file, part, done).ok()) return std::nullopt;
    text += as_text(std::span(part).first(static_cast<size_t>(done)));
    if (done < static_cast<int64_t>(part.size())) break;
  }
  return text;
}

void write_file(const Path& path, std::span<const std::span<const std::byte>> parts) {
  const int64_t bytes = std::accumulate(parts.begin(), parts.end(), int64_t{0}, [](int64_t sum, const auto& part) {
    return sum + static_cast<int64_t>(part.size());
  });
  Path temporary;
  const auto file = detail::create_temporary(path, temporary, bytes);
  IoStatus status = write_parts(*file, parts);
  if (status.ok()) status = until_not_interrupted([&] { return file_system().rename(temporary, path); });
  if (!status.ok()) {
    file->close();
    until_not_interrupted([&] { return file_system().remove(temporary); });
    refuse_write(path, status, bytes);
  }
  status = file_system().sync_folder(folder_of(path));
  if (!status.ok()) refuse_write(path, status, bytes);
}

void write_file(const Path& path, std::span<const std::byte> bytes) { write_file(path, std::span(&bytes, 1)); }

void write_text_file(const Path& path, const std::string& text) { write_file(path, as_bytes(std::string_view(text))); }

}  // namespace redbud
