#pragma once
#include "redbud/graph/op.h"

namespace redbud {

/// What is added to a weight's variance times its fan-in.
inline constexpr double kWeightStandardizeEpsilon = 1e-4;

/// A weight whose units all have mean 0 and variance 1 / C over their C inputs:
///
///   y[c,k] = (w[c,k] - mean_c w[c,k]) / sqrt(C * var_c w[c,k] + epsilon)
///
/// Inputs  w (C,K).  Outputs  y (C,K), mean, inv, gain (K), scratch: a batch normalisation over the inputs, with gain 1
/// / sqrt(C).
class WeightStandardizeOp final : public Op {
 public:
  std::string_view name() const override { return "weight_standardize"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
};

/// Inputs  dy, w (C,K), mean, inv, gain (K).  Outputs  scratch, and dw to add (C,K) if it accumulates.  Updates  dw
/// (C,K).
class WeightStandardizeGradientOp final : public Op {
 public:
  explicit WeightStandardizeGradientOp(bool accumulate) : accumulate_(accumulate) {}

  std::string_view name() const override { return "weight_standardize_gradient"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override;
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;
  std::string detail() const override { return accumulate_ ? "adds" : ""; }

 private:
  bool accumulate_;
};

}  // namespace redbud
