#pragma once
#include "redbud/graph/loss.h"

namespace redbud {

/// One class a row: the target is the index of the class; predictions are probabilities by softmax (kernels/losses.h).
class SoftmaxCrossEntropy final : public Loss {
 public:
  std::string_view kind() const override { return "softmax_cross_entropy"; }
  BlockType target(int64_t) const override { return {"y", DType::I32, {1}}; }
  std::vector<Value> lower(Value scores, Value target, Value weight, bool gradient, PlanBuilder& plan) const override;
  Value lower_prediction(Value scores, PlanBuilder& plan) const override;
};

}  // namespace redbud
