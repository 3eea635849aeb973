#pragma once
#include "redbud/graph/layer.h"

namespace redbud {

struct LayerNormConfig {
  double epsilon = 1e-5;
  bool scale = true;   // gamma
  bool center = true;  // beta
};

/// Normalises each row over its features, then scales and shifts each feature. The same in training and prediction, and
/// for any batch, one row included.
///
///   y[n,k] = gamma[k] * (x[n,k] - mean[n]) / sqrt(var[n] + epsilon) + beta[k]
///
/// Shapes    x, y (N,K), or (N, ...) taken as one row of K elements
/// Params    "gamma" (starts at 1), "beta" (0); not decayed
/// Throws    infer(): Error{Model} for rows of one element, which have no variance
/// Source    Ba, Kiros, Hinton 2016 (arXiv 1607.06450); epsilon as in PyTorch
class LayerNorm final : public Layer {
 public:
  explicit LayerNorm(LayerNormConfig config) : config_(config) {}

  std::string_view kind() const override { return "layer_norm"; }
  LayerSignature infer(std::span<const TensorType> inputs) const override;
  Value lower(const LayerIo& io, PlanBuilder& plan) const override;
  ConfigValue config() const override;
  bool keeps_units() const override { return true; }

 private:
  LayerNormConfig config_;
};

struct LayerEntry;
LayerEntry layer_norm_entry();

}  // namespace redbud
