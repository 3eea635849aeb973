#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "redbud/checkpoint/fingerprint.h"
#include "redbud/checkpoint/safetensors.h"
#include "redbud/graph/parameter_store.h"
#include "redbud/optim/optimizer.h"

namespace redbud {

/// Where a training stands, in numbers.
struct TrainProgress {
  int64_t step = 0;       // updates made
  int64_t epoch = 0;      // completed
  int64_t position = 0;   // steps made in the epoch that runs
  double loss_sum = 0.0;  // of those steps, each loss times its rows
  int64_t loss_rows = 0;
  int64_t best_epoch = 0;  // 0: no epoch had a finite score yet
  double best_score = 0.0;
  double patience_score = 0.0;    // what patience measures a change from
  int64_t epochs_since_best = 0;  // since the score changed by more than min_change
  int64_t rate_drops = 0;         // of a schedule that watches the score
  int64_t epochs_since_drop = 0;  // or since a better score
  double elapsed_s = 0.0;
  int64_t log_bytes = -1;  // size of the log that goes with this state; -1: there is none
  uint64_t seed = 0;
  ConfigValue history;  // a list: one table an epoch
};

/// Everything that the next step depends on: numbers, and where the arrays lie.
struct TrainState {
  TrainProgress progress;
  ParameterStore& values;
  ParameterStore& best;  // of the best epoch; saved where there is one
  Optimizer& optimizer;
  AlignedBuffer* average = nullptr;  // of the weights, laid out as they are; null: there is none
};

/// A checkpoint file, read and verified.
struct Checkpoint {
  SafetensorsFile file;
  std::string where;
  TrainProgress progress;
  int64_t optimizer_steps = 0;
  ConfigValue optimizer_numbers{ConfigValue::Table{}};  // Optimizer::numbers()
  Fingerprint fingerprint;
};

/// What is written: metadata, and tensors that view the state.
struct CheckpointContent {
  std::map<std::string, std::string> metadata;
  std::vector<NamedTensor> tensors;
};
CheckpointContent checkpoint_content(TrainState& state, const Fingerprint& fingerprint);

/// The most that a checkpoint of this training can take on disk.
int64_t largest_checkpoint_bytes(TrainState& state, const Fingerprint& fingerprint);

/// Throws  Error{Verification}: damaged, or not a checkpoint
Checkpoint parse_checkpoint(std::vector<std::byte> bytes, const std::string& where);

/// Puts a checkpoint's values into the state, all or nothing. Throws  Error{Verification}: a tensor is missing or has
/// another shape
void restore(const Checkpoint& checkpoint, TrainState& state);

}  // namespace redbud
