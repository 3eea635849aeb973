#include "redbud/train/early_stopping.h"

#include <cmath>

namespace redbud {

bool record_score(TrainProgress& progress, double score) {
  const bool best = std::isfinite(score) && (progress.best_epoch == 0 || score < progress.best_score);
  if (!best) {
    ++progress.epochs_since_best;
    return false;
  }
  progress.best_epoch = progress.epoch;
  progress.best_score = score;
  progress.epochs_since_best = 0;
  return true;
}

bool is_out_of_patience(const TrainProgress& progress, int64_t patience) {
  return patience > 0 && progress.epochs_since_best >= patience;
}

}  // namespace redbud
