#pragma once
#include <atomic>
#include <optional>

#include "redbud/train/evaluator.h"
#include "redbud/train/exact_statistics.h"
#include "redbud/train/monitor.h"
#include "redbud/train/step.h"
#include "redbud/train/weight_average.h"

namespace redbud {

/// Judges the weights that are learned at an epoch's end and, where there is one, their average, with batch
/// normalisation's statistics made exact where that is needed: what is judged is what is kept.
class Validator {
 public:
  struct Parts {
    EvaluatorParts evaluator;
    ParameterStore& values;
    WeightAverage& average;
    const Optimizer& optimizer;
    Stepper& stepper;
    StatisticsRule statistics = StatisticsRule::Auto;
    Monitor monitor = Monitor::Loss;
    ActivationTally* activations = nullptr;  // sees the weights as they are judged, not their average
  };
  struct Verdict {
    Metrics metrics;  // of the better of the two
    bool averaged = false;
  };
  Validator(const Parts& parts, const BatchCut& cut);

  /// `steps` were made in the run. Weights and buffers are then as they were before. Nothing where `signal` was set
  /// meanwhile.
  std::optional<Verdict> run(const EpochOrder& order, int64_t steps, const StepContext& context,
                             const std::atomic<int>* signal);
  /// The weights of the last verdict: learned, averaged, or as they are.
  const AlignedBuffer& weights() const;
  /// The buffers (running statistics) that go with the weights of the last verdict.
  const AlignedBuffer& buffers() const { return averaged_ ? buffers_of_average_ : buffers_; }

  /// Judges the weights and buffers as they are.
  std::optional<Metrics> evaluate(ThreadPool& pool, const std::atomic<int>* signal) {
    return evaluator_.run(pool, signal);
  }

 private:
  struct Look {
    const EpochOrder& order;
    const StepContext& context;
    const std::atomic<int>* signal;
  };
  std::optional<Metrics> judge_learned(const Look& look);
  std::optional<Metrics> judge(const Look& look, bool exact, AlignedBuffer& judged_buffers,
                               ActivationTally* activations);
  bool make_exact(const Look& look);

  Evaluator evaluator_;
  ParameterStore& values_;
  WeightAverage& average_;
  const Optimizer& optimizer_;
  AlignedBuffer learned_;  // where the optimizer learns other weights than those it moves
  ExactStatistics statistics_;
  Stepper& stepper_;
  Monitor monitor_;
  ActivationTally* activations_;
  BatchCut cut_;
  AlignedBuffer buffers_, buffers_of_average_;
  bool averaged_ = false;
};

}  // namespace redbud
