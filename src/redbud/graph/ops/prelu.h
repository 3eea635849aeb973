#pragma once
#include "redbud/graph/op.h"

namespace redbud {

/// y = z > 0 ? z : a * z with a learned slope a feature. Inputs  z (N,K), a (K).  Outputs  y (N,K).
class PreluOp final : public Op {
 public:
  std::string_view name() const override { return "prelu"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
};

/// Inputs  dy, z (N,K), a (K).  Outputs  dz (N,K).  Updates  da (K), where the slope trains.
class PreluGradientOp final : public Op {
 public:
  PreluGradientOp(bool parameter, bool accumulate) : parameter_(parameter), accumulate_(accumulate) {}

  std::string_view name() const override { return "prelu_gradient"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
  std::string detail() const override { return accumulate_ ? "adds" : ""; }

 private:
  bool parameter_;
  bool accumulate_;
};

}  // namespace redbud
