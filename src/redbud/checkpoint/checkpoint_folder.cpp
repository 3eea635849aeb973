#include "redbud/checkpoint/checkpoint_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr size_t kKept = 2;

std::string file_name(int64_t step) { return fmt::format("step-{:012}.ckpt", step); }

bool is_checkpoint_name(const std::string& name) { return name.starts_with("step-") && name.ends_with(".ckpt"); }

/// Folders have no reason to be interrupted, but the seam lets every call be.
template <class Step>
IoStatus retried(Step step) {
  IoStatus status = step();
  while (status.code == EINTR) status = step();
  return status;
}

std::vector<std::string> checkpoint_names(const Path& folder) {
  std::vector<std::string> names;
  const IoStatus status = retried([&] {
    names.clear();
    return file_system().list(folder, names);
  });
  if (!status.ok()) {
    throw Error(ErrorKind::Environment,
                {.where = folder.string(), .fact = "the folder can't be listed", .found = describe(status)});
  }
  std::erase_if(names, [](const std::string& name) { return !is_checkpoint_name(name); });
  return names;
}

[[noreturn]] void refuse_all(const Path& folder, const std::vector<std::string>& bad) {
  throw Error(ErrorKind::Verification, {.where = folder.string(),
                                        .fact = "no checkpoint of this run can be used",
                                        .found = fmt::format("{}", fmt::join(bad, " | ")),
                                        .hint = "put a copy of one back, or start a new run in another folder"});
}

}  // namespace

CheckpointFolder::CheckpointFolder(Path folder) : folder_(std::move(folder)) {
  make_folders(folder_);
  lock_.emplace(folder_);
  remove_stale_temporaries(folder_);
}

CheckpointFolder::Newest CheckpointFolder::read_newest() {
  Newest newest;
  std::vector<std::pair<int64_t, std::string>> good;  // step, name
  for (const std::string& name : checkpoint_names(folder_)) {
    const Path path = folder_ / name;
    try {
      Checkpoint checkpoint = parse_checkpoint(read_file(path, {.kind = ErrorKind::Verification}), path.string());
      good.emplace_back(checkpoint.progress.step, name);
      if (!newest.checkpoint || checkpoint.progress.step > newest.checkpoint->progress.step) {
        newest.checkpoint = std::move(checkpoint);
      }
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::Verification) throw;  // memory, say: the file may be good
      newest.bad.emplace_back(e.what());
    }
  }
  if (good.empty() && !newest.bad.empty()) refuse_all(folder_, newest.bad);
  std::sort(good.begin(), good.end());
  good_.clear();
  for (auto& [step, name] : good) good_.push_back(std::move(name));
  return newest;
}

void CheckpointFolder::require_space(int64_t checkpoint_bytes) const {
  const int64_t needed = static_cast<int64_t>(kKept) * checkpoint_bytes;
  int64_t free = 0;
  const IoStatus status = retried([&] { return file_system().free_bytes(folder_, free); });
  if (status.ok() && free < needed) {
    throw Error(ErrorKind::Environment,
                {.where = folder_.string(),
                 .fact = fmt::format("not enough space for checkpoints: needs {} x {}, {} free in {}", kKept,
                                     format_bytes(checkpoint_bytes), format_bytes(free), folder_.string()),
                 .hint = "free some space, or choose a folder on another disk"});
  }
  probe_folder(folder_, 0);
}

void CheckpointFolder::make_room(int64_t bytes) {
  int64_t free = 0;
  const IoStatus status = retried([&] { return file_system().free_bytes(folder_, free); });
  if (!status.ok() || free >= bytes || good_.size() < kKept) return;
  if (retried([&] { return file_system().remove(folder_ / good_.front()); }).ok()) good_.erase(good_.begin());
}

void CheckpointFolder::write(TrainState& state, const Fingerprint& fingerprint) {
  const CheckpointContent content = checkpoint_content(state, fingerprint);
  SafetensorsImage image;
  build_safetensors(image, content.metadata, content.tensors);
  make_room(image.bytes);
  const std::string name = file_name(state.progress.step);
  write_file(folder_ / name, image.parts);
  std::erase(good_, name);
  good_.push_back(name);
  remove_old();
}

/// What can't be removed now is removed next time; it costs room, not safety.
void CheckpointFolder::remove_old() {
  if (good_.size() > kKept) good_.erase(good_.begin(), good_.end() - static_cast<std::ptrdiff_t>(kKept));
  std::vector<std::string> names;
  if (!file_system().list(folder_, names).ok()) return;
  for (const std::string& name : names) {
    const bool kept = std::find(good_.begin(), good_.end(), name) != good_.end();
    if (is_checkpoint_name(name) && !kept) file_system().remove(folder_ / name);
  }
}

}  // namespace redbud
