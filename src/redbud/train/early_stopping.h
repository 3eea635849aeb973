#pragma once
#include <cstdint>

#include "redbud/checkpoint/train_state.h"

namespace redbud {

/// Notes the score of the epoch that has just ended (smaller is better); true if it is the best so far. NaN and
/// infinities are never better than anything. The best weights are those of the best score, by however little; patience
/// begins anew only where the score is better by more than `min_change` than where it last began, so that many small
/// steps count as a large one.
bool record_score(TrainProgress& progress, double score, double min_change = 0.0);

/// Whether `patience` epochs (0: off) have passed since patience last began.
bool is_out_of_patience(const TrainProgress& progress, int64_t patience);

}  // namespace redbud
