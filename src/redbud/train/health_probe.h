#pragma once
#include <vector>

#include "redbud/graph/graph.h"
#include "redbud/train/activation_tally.h"
#include "redbud/train/batch_order.h"
#include "redbud/train/layer_health.h"
#include "redbud/train/watched_layers.h"

namespace redbud {

/// Reads once an epoch how the layers fare, from what a training computes anyway, and changes nothing:
///
///   gradients, weights and updates   of the epoch's last full step: the gradients that the step left, and the weights
///                                    before and after it
///   activations                      of the validation rows (at most ActivationTally::kMaxRows), while they are judged
///   statistics of batch norm         the running ones at the epoch's end
///
/// A run that goes on from a checkpoint behind that step has no figures of it in its first epoch.
class HealthProbe {
 public:
  HealthProbe(const Graph& graph, const ParameterStore& values, const BatchCut& cut);

  /// The layers that are watched, in the order of take().
  const std::vector<LayerMakeup>& makeup() const { return makeup_; }
  /// The step of each epoch that is looked at.
  int64_t step() const { return step_; }
  void before_step();
  void after_step(const AlignedBuffer& gradients, ThreadPool& pool);
  /// To be filled by the evaluation of an epoch.
  ActivationTally& activations() { return activations_; }
  /// The figures of the epoch that has just been judged; begins the next.
  std::vector<LayerHealth> take();

 private:
  struct StepFigures {
    double gradient = 0.0, weight = 0.0, update = 0.0;  // sums of squares
  };
  LayerHealth health_of(size_t i) const;
  std::optional<double> norm_out_of_range(const WatchedLayer& layer) const;

  const Graph& graph_;
  const ParameterStore& values_;
  std::vector<WatchedLayer> layers_;
  std::vector<LayerMakeup> makeup_;
  int64_t step_;
  ActivationTally activations_;
  AlignedBuffer kept_;  // the weights before the step, then its update
  std::vector<StepFigures> figures_;
  bool has_figures_ = false;
};

}  // namespace redbud
