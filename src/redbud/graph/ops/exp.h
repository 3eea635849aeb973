#pragma once
#include "redbud/graph/op.h"

namespace redbud {

/// y = exp(x); what makes rates of scores. Of predictions alone, so it has no gradient.
class ExpOp final : public Op {
 public:
  std::string_view name() const override { return "exp"; }
  std::vector<ValueType> outputs(std::span<const ValueType> inputs) const override { return {inputs[0]}; }
  void differentiate(Differentiator& d) const override;
  BoundStep bind(const BindContext& context) const override;
};

}  // namespace redbud
