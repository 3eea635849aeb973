#pragma once
#include <atomic>
#include <optional>

#include "redbud/train/evaluator.h"
#include "redbud/train/exact_statistics.h"
#include "redbud/train/step.h"

namespace redbud {

/// Judges the weights at an epoch's end, with batch normalisation's statistics made exact where that is needed, so that
/// what is judged is what is kept.
class Validator {
 public:
  Validator(const EvaluatorParts& parts, Stepper& stepper, const BatchCut& cut);

  /// The buffers then hold what was judged, until restore(). Nothing (and nothing to restore) where `signal` was set
  /// meanwhile.
  std::optional<Metrics> run(const EpochOrder& order, const StepContext& context, const std::atomic<int>* signal);
  /// The buffers are as they were before run().
  void restore();

  /// Judges the weights and buffers as they are.
  std::optional<Metrics> evaluate(ThreadPool& pool, const std::atomic<int>* signal) {
    return evaluator_.run(pool, signal);
  }

 private:
  bool make_exact(const EpochOrder& order, const StepContext& context, const std::atomic<int>* signal);

  Evaluator evaluator_;
  ExactStatistics statistics_;
  Stepper& stepper_;
  BatchCut cut_;
  bool is_exact_ = false;
};

}  // namespace redbud
