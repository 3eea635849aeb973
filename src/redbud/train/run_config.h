#pragma once
#include "redbud/core/config_value.h"
#include "redbud/train/trainer.h"

namespace redbud {

/// What of a run decides its bits, as a configuration: network, loss, training. Threads, time limit and the rhythm of
/// checkpoints are not in it.
ConfigValue run_config(const Model& model, const TrainConfig& config, const PlanSettings& plan);

/// Throws  Error{Usage}: a value out of range
void check(const TrainConfig& config);

}  // namespace redbud
