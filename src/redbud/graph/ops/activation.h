#pragma once
#include <string>

#include "redbud/graph/op.h"
#include "redbud/kernels/activation.h"

namespace redbud {

/// "elu(1)", "relu"; "" for identity.
std::string describe(const kernels::Activation& activation);

/// y = f(z), in the place of z unless the derivative needs that. Inputs  z (N,K).  Outputs  y (N,K).
class ActivationOp final : public Op {
 public:
  explicit ActivationOp(kernels::Activation activation) : activation_(activation) {}

  const kernels::Activation& activation() const { return activation_; }

  std::string_view name() const override { return "activation"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
  RowCut row_cut(std::span<const ValueType>) const override { return {.phases = 1}; }
  std::string detail() const override { return describe(activation_); }

 private:
  kernels::Activation activation_;
};

/// y = f(z) and its slopes, for activations whose derivative is computed from the input. Inputs  z (N,K).
/// Outputs  y, slope (N,K).
class ActivationSlopesOp final : public Op {
 public:
  explicit ActivationSlopesOp(kernels::Activation activation) : activation_(activation) {}

  std::string_view name() const override { return "activation_slopes"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0], inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
  RowCut row_cut(std::span<const ValueType>) const override { return {.phases = 1}; }
  std::string detail() const override { return describe(activation_); }

 private:
  kernels::Activation activation_;
};

/// The gradient of an op whose output 1 are the slopes of its output 0.
void differentiate_by_slopes(Differentiator& d);

/// dz = dy * f'(at), at = z where the derivative is computed from the input, else y. Inputs  dy, at (N,K).
/// Outputs  dz (N,K).
class ActivationGradientOp final : public Op {
 public:
  explicit ActivationGradientOp(kernels::Activation activation) : activation_(activation) {}

  const kernels::Activation& activation() const { return activation_; }

  std::string_view name() const override { return "activation_gradient"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
  RowCut row_cut(std::span<const ValueType>) const override { return {.phases = 1}; }
  std::string detail() const override { return describe(activation_); }

 private:
  kernels::Activation activation_;
};

}  // namespace redbud
