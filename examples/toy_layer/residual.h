#pragma once
#include "redbud/graph/layer.h"
#include "redbud/layers/registry.h"

namespace toy {

/// A dense layer whose input is added to its output, so that a deep stack starts near the identity.
///
///   y[n,k] = x[n,k] + elu(b[k] + sum_c x[n,c] * w[c,k])
///
/// Shapes    x, y (N,K)   w (K,K)   b (K)
/// Params    "weight" (decayed), "bias" (not decayed)
/// Source    He et al. 2016, with one product a block
class Residual final : public redbud::Layer {
 public:
  explicit Residual(double alpha) : alpha_(alpha) {}

  std::string_view kind() const override { return "residual"; }
  redbud::LayerSignature infer(std::span<const redbud::TensorType> inputs) const override;
  redbud::Value lower(const redbud::LayerIo& io, redbud::PlanBuilder& plan) const override;
  redbud::ConfigValue config() const override;

 private:
  double alpha_;
};

redbud::LayerEntry residual_entry();

}  // namespace toy
