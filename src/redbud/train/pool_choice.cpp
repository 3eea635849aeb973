#include "redbud/train/pool_choice.h"

#include <algorithm>
#include <limits>

namespace redbud {

void PoolChoice::note(double seconds) {
  if (all_.threads() == 1) return;
  if (trial_step_ < 0) {
    since_trial_ += seconds;
    if (since_trial_ < kTrialEvery || (all_is_faster_ && seconds > kLongStep)) return;
    trial_step_ = 0;
    fastest_one_ = fastest_all_ = std::numeric_limits<double>::infinity();
    return;
  }
  double& fastest = uses_all() ? fastest_all_ : fastest_one_;
  fastest = std::min(fastest, seconds);
  if (++trial_step_ < 2 * kTrialSteps) return;
  all_is_faster_ = fastest_all_ <= fastest_one_;
  trial_step_ = -1;
  since_trial_ = 0.0;
}

}  // namespace redbud
