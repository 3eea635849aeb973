#pragma once
#include "redbud/graph/loss.h"

namespace redbud {

/// Numbers: the target is standardised by the recipe; predictions are the scores.
class MeanSquaredError final : public Loss {
 public:
  std::string_view kind() const override { return "mean_squared_error"; }
  BlockType target(int64_t outputs) const override { return {"y", DType::F32, {outputs}}; }
  std::vector<Value> lower(Value scores, Value target, Value weight, bool gradient, PlanBuilder& plan) const override;
  Value lower_prediction(Value scores, PlanBuilder&) const override { return scores; }
};

}  // namespace redbud
