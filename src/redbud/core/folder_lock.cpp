#include <unistd.h>

#include <array>

#include "redbud/core/bytes.h"
#include "redbud/core/file_steps.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

std::string own_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  return std::to_string(getpid()) + " " + host.data() + "\n";
}

/// "process 1234 on host abc", from what the holder wrote; it may not have come so far yet.
std::string holder_of(FileHandle& file) {
  std::array<std::byte, 300> bytes{};
  int64_t done = 0;
  const IoStatus status = detail::read_all_at(file, 0, bytes, done);
  const std::string_view text = as_text(std::span(bytes).first(static_cast<size_t>(done)));
  const auto parts = split(text.substr(0, text.find('\n')), ' ');
  if (!status.ok() || parts.size() != 2) return "another process";
  return "process " + parts[0] + " on host " + parts[1];
}

}  // namespace

FolderLock::FolderLock(const Path& folder) {
  const Path path = folder / ".lock";
  IoStatus status = detail::open(path, OpenMode::Lock, file_);
  FileInfo info;
  if (status.ok()) status = detail::until_not_interrupted([&] { return file_->info(info); });
  if (status.ok() && (info.type != FileType::Regular || info.links > 1)) {
    // Writing our name into it would write into whatever else the file is.
    throw Error(ErrorKind::Environment, {.where = path.string(),
                                         .fact = "is not a plain file with this one name",
                                         .hint = "remove it if no run uses the folder"});
  }
  if (status.ok()) status = detail::until_not_interrupted([&] { return file_->lock_exclusive(); });
  if (status.code == EWOULDBLOCK) {
    throw Error(ErrorKind::Environment, {.where = folder.string(),
                                         .fact = "the folder is in use by " + holder_of(*file_),
                                         .hint = "wait until it has ended, or choose another folder with --out"});
  }
  if (status.ok()) status = detail::until_not_interrupted([&] { return file_->truncate(0); });
  if (status.ok()) status = detail::write_all(*file_, as_bytes(std::string_view(own_name())));
  if (!status.ok()) detail::refuse_write(path, status, 0);
}

FolderLock::~FolderLock() = default;

}  // namespace redbud
