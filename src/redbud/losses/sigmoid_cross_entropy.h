#pragma once
#include "redbud/graph/loss.h"

namespace redbud {

/// Yes or no for each output: targets are 0 or 1 (or between); predictions are probabilities by the logistic function.
class SigmoidCrossEntropy final : public Loss {
 public:
  std::string_view kind() const override { return "sigmoid_cross_entropy"; }
  BlockType target(int64_t outputs) const override { return {"y", DType::F32, {outputs}}; }
  std::vector<Value> lower(Value scores, Value target, Value weight, bool gradient, PlanBuilder& plan) const override;
  Value lower_prediction(Value scores, PlanBuilder& plan) const override;
};

}  // namespace redbud
