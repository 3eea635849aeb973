#pragma once
#include "redbud/graph/op.h"

namespace redbud {

/// y = log(softmax(z)), row by row. Inputs  z (N,K).  Outputs  y (N,K).
class LogSoftmaxOp final : public Op {
 public:
  std::string_view name() const override { return "log_softmax"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
};

/// Inputs  dy, y (N,K).  Outputs  dz (N,K).
class LogSoftmaxGradientOp final : public Op {
 public:
  std::string_view name() const override { return "log_softmax_gradient"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator&) const override { RB_ASSERT(false); }
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
};

}  // namespace redbud
