#pragma once
#include <string>

#include "redbud/train/trainer.h"

namespace redbud::cli {

/// The learning rate along the run, drawn with a few lines of text; "" where it doesn't change.
std::string rate_plot(const TrainConfig& config);

}  // namespace redbud::cli
