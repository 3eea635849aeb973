#include "redbud/train/checkpointer.h"

namespace redbud {

Checkpointer::Checkpointer(const Parts& parts) : every_s_(parts.every_s), announcer_(parts.announcer) {
  if (!parts.folder.empty()) folder_.emplace(parts.folder / "checkpoints");
}

std::optional<Checkpoint> Checkpointer::read_newest() {
  if (!folder_) return std::nullopt;
  CheckpointFolder::Newest newest = folder_->read_newest();
  for (const std::string& bad : newest.bad) announcer_.warning(bad + "; an older checkpoint is used instead");
  if (newest.checkpoint) saved_ = {newest.checkpoint->progress.step, newest.checkpoint->progress.epoch};
  return std::move(newest.checkpoint);
}

void Checkpointer::require_space(TrainState& state, const Fingerprint& fingerprint) {
  if (folder_) folder_->require_space(largest_checkpoint_bytes(state, fingerprint));
}

void Checkpointer::write(TrainState& state, const Fingerprint& fingerprint) {
  state.progress.log_bytes = announcer_.flush();
  folder_->write(state, fingerprint);
  saved_ = {state.progress.step, state.progress.epoch};
}

void Checkpointer::save(TrainState& state, const Fingerprint& fingerprint) {
  since_try_.restart();
  try {
    write(state, fingerprint);
  } catch (const Error& e) {
    if (e.kind() != ErrorKind::Environment) throw;
    announcer_.warning(std::string(e.what()) + "; training goes on, the next checkpoint is tried later");
  }
  since_try_.restart();
}

void Checkpointer::save_last(TrainState& state, const Fingerprint& fingerprint) {
  if (!folder_ || saved_ == Mark{state.progress.step, state.progress.epoch}) return;
  write(state, fingerprint);
}

}  // namespace redbud
