#pragma once
#include "redbud/graph/op.h"

namespace redbud {

/// What a layer normalisation does.
struct LayerNormSpec {
  double epsilon = 1e-5;
  bool scale = true;   // has gamma
  bool center = true;  // has beta
};

/// Normalises each row by its own statistics (kernels/layer_norm.h).
/// Inputs   x (N,K), gamma (K) if scale, beta (K) if center.  Outputs  y (N,K), mean (N), inv (N)
class LayerNormOp final : public Op {
 public:
  explicit LayerNormOp(LayerNormSpec spec) : spec_(spec) {}

  std::string_view name() const override { return "layer_norm"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }

 private:
  LayerNormSpec spec_;
};

/// Inputs  dy, x (N,K), mean, inv (N), gamma if scale.  Outputs  dx (N,K).  Updates  dgamma if scale, dbeta if center
/// (none of them where `parameters` is false: a gamma that doesn't train).
class LayerNormGradientOp final : public Op {
 public:
  LayerNormGradientOp(LayerNormSpec spec, bool parameters, bool accumulate)
      : spec_(spec), parameters_(parameters), accumulate_(accumulate) {}

  std::string_view name() const override { return "layer_norm_gradient"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }

 private:
  LayerNormSpec spec_;
  bool parameters_;
  bool accumulate_;
};

}  // namespace redbud
