#pragma once
#include "redbud/graph/layer.h"

namespace redbud {

struct BatchNormConfig {
  double momentum = 0.99;  // weight of the old average
  double epsilon = 1e-3;
  bool scale = true;   // gamma
  bool center = true;  // beta
};

/// Normalises each feature over the batch, then scales and shifts it.
///
///   y[n,k] = gamma[k] * (z[n,k] - mean[k]) / sqrt(var[k] + epsilon) + beta[k]
///
/// In training mean and var are the batch's own; in prediction (and frozen) the running averages, which start at 0 and
/// are divided by 1 - momentum^steps, so that short runs are right, too.
///
/// Shapes    z, y (N,K), N >= 2 in training
/// Params    "gamma" (starts at 1), "beta" (0); not decayed     State  "running_mean", "running_var" (K), "steps" (1)
/// Throws    lowering a training plan: Error{Model} for a batch of one row
/// Source    Ioffe, Szegedy 2015; epsilon and momentum as in the chapter and Keras. The running variance is the
/// population's, as in Keras.
class BatchNorm final : public Layer {
 public:
  explicit BatchNorm(BatchNormConfig config) : config_(config) {}

  std::string_view kind() const override { return "batch_norm"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override;
  bool keeps_units() const override { return true; }

 private:
  BatchNormConfig config_;
};

struct LayerEntry;
LayerEntry batch_norm_entry();

}  // namespace redbud
