#pragma once
#include <cstdint>

#include "redbud/checkpoint/train_state.h"

namespace redbud {

/// Notes the score of the epoch that has just ended (smaller is better); true if it is the best so far. NaN and
/// infinities are never better than anything.
bool record_score(TrainProgress& progress, double score);

/// Whether `patience` epochs (0: off) have passed without a better score.
bool is_out_of_patience(const TrainProgress& progress, int64_t patience);

}  // namespace redbud
