#include "redbud/core/file_steps.h"

#include "redbud/core/text.h"

namespace redbud::detail {
namespace {

bool is_full(IoStatus status) { return status.code == ENOSPC || status.code == EDQUOT || status.code == EFBIG; }

std::string hint_for(IoStatus status) {
  switch (status.code) {
    case ENOSPC:
      return "free some space, or choose a folder on another disk";
    case EDQUOT:
      return "your disk quota is used up: free some space, or choose another folder";
    case EFBIG:
      return "files may not grow so large here: see `ulimit -f`";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a folder that you may write to";
    case EIO:
      return "the disk may be failing";
    default:
      return "";
  }
}

}  // namespace

IoStatus open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file) {
  return until_not_interrupted([&] { return file_system().open(path, mode, file); });
}

IoStatus write_all(FileHandle& file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    int64_t done = 0;
    const IoStatus status = until_not_interrupted([&] { return file.write(bytes, done); });
    if (!status.ok()) return status;
    if (done == 0) return {EIO};  // no error and no progress: never loop on it
    bytes = bytes.subspan(static_cast<size_t>(done));
  }
  return {};
}

IoStatus read_all(FileHandle& file, std::span<std::byte> bytes, int64_t& done) {
  done = 0;
  while (static_cast<size_t>(done) < bytes.size()) {
    int64_t part = 0;
    const IoStatus status =
        until_not_interrupted([&] { return file.read(bytes.subspan(static_cast<size_t>(done)), part); });
    if (!status.ok()) return status;
    if (part == 0) break;
    done += part;
  }
  return {};
}

IoStatus read_all_at(FileHandle& file, int64_t offset, std::span<std::byte> bytes, int64_t& done) {
  done = 0;
  while (static_cast<size_t>(done) < bytes.size()) {
    int64_t part = 0;
    const IoStatus status = until_not_interrupted(
        [&] { return file.read_at(offset + done, bytes.subspan(static_cast<size_t>(done)), part); });
    if (!status.ok()) return status;
    if (part == 0) break;
    done += part;
  }
  return {};
}

Path folder_of(const Path& path) { return path.has_parent_path() ? path.parent_path() : Path("."); }

void refuse_write(const Path& path, IoStatus status, int64_t bytes_needed) {
  ErrorText text{
      .where = path.string(), .fact = "cannot be written", .found = describe(status), .hint = hint_for(status)};
  if (is_full(status)) {
    text.fact += ": needs " + format_bytes(bytes_needed);
    int64_t free = 0;
    if (file_system().free_bytes(folder_of(path), free).ok()) text.fact += ", " + format_bytes(free) + " free";
  }
  throw Error(ErrorKind::Environment, std::move(text));
}

}  // namespace redbud::detail
