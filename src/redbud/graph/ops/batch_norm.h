#pragma once
#include "redbud/graph/op.h"
#include "redbud/kernels/activation.h"

namespace redbud {

/// What a batch normalisation does, activation and dropout that were fused into it included.
struct BatchNormSpec {
  double epsilon = 1e-3;
  double momentum = 0.99;
  bool scale = true;   // has gamma
  bool center = true;  // has beta
  kernels::Activation activation = {};
  bool dropout = false;
  double dropout_scale = 1.0;
};

/// Normalises by the batch's own statistics and updates the running ones (kernels/batch_norm.h).
/// Inputs   z (N,K), gamma (K) if scale, beta (K) if center, mask if dropout
/// Outputs  y (N,K), mean (K), inv (K), scratch     Updates  running_mean (K), running_var (K), steps (1)
class BatchNormOp final : public Op {
 public:
  explicit BatchNormOp(BatchNormSpec spec) : spec_(spec) {}

  const BatchNormSpec& spec() const { return spec_; }

  std::string_view name() const override { return "batch_norm"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  RowCut row_cut(std::span<const ValueType>) const override { return {.phases = 2}; }
  std::string detail() const override;

 private:
  BatchNormSpec spec_;
};

/// Inputs  dy, z, y (N,K), mean, inv (K), gamma if scale, mask if dropout.  Outputs  dz (N,K), scratch.  Updates
/// dgamma if scale, dbeta if center (none of them where `parameters` is false: a gamma that doesn't train).
class BatchNormGradientOp final : public Op {
 public:
  BatchNormGradientOp(BatchNormSpec spec, bool parameters, bool accumulate)
      : spec_(spec), parameters_(parameters), accumulate_(accumulate) {}

  std::string_view name() const override { return "batch_norm_gradient"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;
  RowCut row_cut(std::span<const ValueType>) const override { return {.phases = 2}; }
  int in_place_input() const override { return 0; }

 private:
  BatchNormSpec spec_;
  bool parameters_;
  bool accumulate_;
};

/// Normalises by the running statistics. Inputs  z (N,K), gamma if scale, beta if center, running_mean, running_var
/// (K), steps (1). Outputs  y (N,K).
class BatchNormInferenceOp final : public Op {
 public:
  explicit BatchNormInferenceOp(BatchNormSpec spec) : spec_(spec) {}

  const BatchNormSpec& spec() const { return spec_; }

  std::string_view name() const override { return "batch_norm_inference"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
  std::string detail() const override;

 private:
  BatchNormSpec spec_;
};

/// The gradient of a normalisation by the running statistics: dz = dy * gamma / sqrt(var + epsilon), feature by
/// feature. Inputs  dy (N,K), gamma if scale, running_var (K), steps (1).  Outputs  dz (N,K).
class BatchNormInferenceGradientOp final : public Op {
 public:
  explicit BatchNormInferenceGradientOp(BatchNormSpec spec) : spec_(spec) {}

  std::string_view name() const override { return "batch_norm_inference_gradient"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }

 private:
  BatchNormSpec spec_;
};

}  // namespace redbud
