#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "redbud/checkpoint/train_state.h"
#include "redbud/core/file.h"

namespace redbud {

/// The checkpoints of a run: `step-000000001234.ckpt`, the newest two that are known to be good. Locked while it lives.
///
/// A new one replaces nothing before it is durable. The order is that of the steps inside the files; time stamps and
/// names mean nothing.
class CheckpointFolder {
 public:
  /// Creates the folder, locks it, and removes temporary files of dead processes.
  /// Throws  Error{Environment}: it can't be made or written; another process holds it
  explicit CheckpointFolder(Path folder);

  /// The newest checkpoint that verifies (none: the folder holds no checkpoint), and what is wrong with the others.
  /// Throws  Error{Verification} listing each and why, where there are some and all are bad; Error{Environment}: the
  /// folder can't be read
  struct Newest {
    std::optional<Checkpoint> checkpoint;
    std::vector<std::string> bad;
  };
  Newest read_newest();

  /// Makes sure that two checkpoints of this size fit. Throws  Error{Environment}
  void require_space(int64_t checkpoint_bytes) const;

  /// Writes a checkpoint, and then removes all but the newest two. Where the disk has no room for a third, the oldest
  /// goes first. Throws  Error{Environment} with bytes needed and free; the others are as they were
  void write(TrainState& state, const Fingerprint& fingerprint);

 private:
  void make_room(int64_t bytes);
  void remove_old();

  Path folder_;
  std::optional<FolderLock> lock_;
  std::vector<std::string> good_;  // names, oldest first
};

}  // namespace redbud
