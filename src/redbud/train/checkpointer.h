#pragma once
#include <optional>

#include "redbud/checkpoint/checkpoint_folder.h"
#include "redbud/train/announcer.h"
#include "redbud/train/stopwatch.h"

namespace redbud {

/// When checkpoints are written, and what a failure means.
///
///   at the next step border when `every_s` has passed since the last try; at an epoch's end when a second has
///   passed since the last; at the end
class Checkpointer {
 public:
  struct Parts {
    Path folder;  // "": nothing is ever written
    double every_s = 10.0;
    const Announcer& announcer;
  };
  explicit Checkpointer(const Parts& parts);

  /// The newest good checkpoint; the bad ones are told as warnings. Throws as CheckpointFolder::read_newest.
  std::optional<Checkpoint> read_newest();
  /// Throws  Error{Environment}: two checkpoints don't fit, or the folder can't be written
  void require_space(TrainState& state, const Fingerprint& fingerprint);

  bool is_due() const { return folder_ && since_try_.seconds() >= every_s_; }
  bool is_due_at_epoch_end() const { return folder_ && since_try_.seconds() >= kEpochEnd; }
  /// A failure is told as a warning; the next try is due after the same time again.
  void save(TrainState& state, const Fingerprint& fingerprint);
  /// Unless this very state is saved already. Throws  Error{Environment}
  void save_last(TrainState& state, const Fingerprint& fingerprint);

 private:
  static constexpr double kEpochEnd = 1.0;  // seconds

  struct Mark {
    int64_t step = -1;
    int64_t epoch = -1;
    friend bool operator==(const Mark&, const Mark&) = default;
  };
  void write(TrainState& state, const Fingerprint& fingerprint);

  std::optional<CheckpointFolder> folder_;
  double every_s_;
  const Announcer& announcer_;
  Stopwatch since_try_;
  Mark saved_;
};

}  // namespace redbud
