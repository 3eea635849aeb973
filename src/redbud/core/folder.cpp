// make_folders, probe_folder.
#include <unistd.h>

#include "redbud/core/bytes.h"
#include "redbud/core/file_steps.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

using detail::until_not_interrupted;

[[noreturn]] void refuse(const Path& folder, ErrorText text) {
  text.where = folder.string();
  throw Error(ErrorKind::Environment, std::move(text));
}

FileInfo info_of(const Path& folder) {
  FileInfo info;
  const IoStatus status = until_not_interrupted([&] { return file_system().info(folder, info); });
  if (!status.ok()) refuse(folder, {.fact = "cannot be looked at", .found = describe(status)});
  return info;
}

void check_is_folder(const Path& folder, const FileInfo& info) {
  if (info.type == FileType::Missing) refuse(folder, {.fact = "no such folder"});
  if (info.type != FileType::Folder) refuse(folder, {.fact = "is not a folder", .hint = "choose another name"});
}

}  // namespace

void make_folders(const Path& folder) {
  const FileInfo info = info_of(folder);
  if (info.type == FileType::Folder) return;
  if (info.type != FileType::Missing) check_is_folder(folder, info);
  const Path parent = detail::folder_of(folder);
  if (parent != folder) make_folders(parent);
  IoStatus status = until_not_interrupted([&] { return file_system().make_folder(folder); });
  if (status.code == EEXIST) {  // another process was faster, or the path ends in "/" or "."
    check_is_folder(folder, info_of(folder));
    return;
  }
  if (status.ok()) status = file_system().sync_folder(parent);
  if (!status.ok()) detail::refuse_write(folder, status, 0);
}

void probe_folder(const Path& folder, int64_t bytes_needed) {
  check_is_folder(folder, info_of(folder));
  int64_t free = 0;
  const IoStatus status = until_not_interrupted([&] { return file_system().free_bytes(folder, free); });
  if (status.ok() && free < bytes_needed) {
    refuse(folder,
           {.fact = "not enough space: needs " + format_bytes(bytes_needed) + ", " + format_bytes(free) + " free",
            .hint = "free some space, or choose a folder on another disk"});
  }
  const Path probe = folder / (".redbud-probe-" + std::to_string(getpid()));
  write_text_file(probe, "redbud tries whether this folder can be written\n");
  const IoStatus removed = until_not_interrupted([&] { return file_system().remove(probe); });
  if (!removed.ok()) detail::refuse_write(probe, removed, 0);
}

}  // namespace redbud
