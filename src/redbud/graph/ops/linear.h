#pragma once
#include "redbud/graph/op.h"
#include "redbud/kernels/activation.h"
#include "redbud/kernels/linear.h"

namespace redbud {

/// y = f(x w + b), where f's derivative is computed from y if the op is differentiated. Inputs  x (N,C), w (C,K), b (K)
/// if `bias`.  Outputs  y (N,K).
class LinearOp final : public Op {
 public:
  LinearOp(bool bias, kernels::Activation activation) : bias_(bias), activation_(activation) {}

  bool bias() const { return bias_; }
  const kernels::Activation& activation() const { return activation_; }

  std::string_view name() const override { return "linear"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  RowCut row_cut(std::span<const ValueType> inputs) const override;
  int64_t multiply_adds(std::span<const ValueType> inputs) const override;
  std::string detail() const override;

 private:
  void give_weight_gradient(Differentiator& d, Value dz) const;

  bool bias_;
  kernels::Activation activation_;
};

/// dx = (dy w^T) * f'(at). Inputs  dy (N,K), w (C,K), at (N,C) if there is an activation: as in ActivationGradientOp.
/// Outputs  dx (N,C), scratch.
class LinearInputGradientOp final : public Op {
 public:
  explicit LinearInputGradientOp(kernels::Activation activation) : activation_(activation) {}

  const kernels::Activation& activation() const { return activation_; }

  std::string_view name() const override { return "linear_input_gradient"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;
  RowCut row_cut(std::span<const ValueType> inputs) const override;
  int64_t multiply_adds(std::span<const ValueType> inputs) const override;
  std::string detail() const override;

 private:
  kernels::Activation activation_;
};

/// dw (+)= x^T dy, db (+)= sum of dy over rows. Inputs  x (N,C), dy (N,K).  Outputs  scratch.  Updates  dw (C,K), db
/// (K) if `bias`. Where w is not a parameter but was made of one, dw is the first output and only db an update.
class LinearWeightGradientOp final : public Op {
 public:
  LinearWeightGradientOp(bool bias, bool accumulate, bool weight_is_made = false)
      : bias_(bias), accumulate_(accumulate), weight_is_made_(weight_is_made) {}

  std::string_view name() const override { return "linear_weight_gradient"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;
  RowCut row_cut(std::span<const ValueType> inputs) const override;
  int64_t multiply_adds(std::span<const ValueType> inputs) const override;
  std::string detail() const override { return accumulate_ ? "adds" : ""; }

 private:
  kernels::LinearWeightGradientProblem problem_of(const ValueType& x, const ValueType& dy) const;
  bool is_cut(const kernels::LinearWeightGradientProblem& problem) const;

  bool bias_;
  bool accumulate_;
  bool weight_is_made_;
};

}  // namespace redbud
