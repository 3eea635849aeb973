#include "redbud/train/early_stopping.h"

#include <cmath>

namespace redbud {

bool record_score(TrainProgress& progress, double score, double min_change) {
  const bool first = progress.best_epoch == 0;
  ++progress.epochs_since_best;
  if (!std::isfinite(score) || (!first && !(score < progress.best_score))) return false;
  progress.best_epoch = progress.epoch;
  progress.best_score = score;
  if (first || score < progress.patience_score - min_change) {
    progress.patience_score = score;
    progress.epochs_since_best = 0;
  }
  return true;
}

bool is_out_of_patience(const TrainProgress& progress, int64_t patience) {
  return patience > 0 && progress.epochs_since_best >= patience;
}

}  // namespace redbud
