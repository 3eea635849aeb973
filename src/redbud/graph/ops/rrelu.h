#pragma once
#include "redbud/graph/op.h"

namespace redbud {

/// y = slope * z, with slopes below 0 that are drawn in [lower, upper] in each step. Inputs  z (N,K).
/// Outputs  y, slope (N,K).
class RreluOp final : public Op {
 public:
  RreluOp(double lower, double upper, uint32_t lane) : lower_(lower), upper_(upper), lane_(lane) {}

  std::string_view name() const override { return "rrelu"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0], inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
  int in_place_input() const override { return 0; }
  std::string detail() const override;

 private:
  double lower_;
  double upper_;
  uint32_t lane_;
};

}  // namespace redbud
