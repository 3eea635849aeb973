#pragma once
#include <string>

#include "redbud/train/trainer.h"

namespace redbud::cli {

/// The learning rate and the momentum along the run, each drawn with a few lines of text where it changes.
std::string rate_plot(const TrainConfig& config, int64_t steps_per_epoch);

}  // namespace redbud::cli
