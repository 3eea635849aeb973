#pragma once
#include <memory>
#include <string_view>

#include "redbud/data/batch.h"
#include "redbud/graph/plan_builder.h"

namespace redbud {

/// What is minimised, and how a network's scores become predictions.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual std::string_view kind() const = 0;
  /// The block of targets that goes with `outputs` scores.
  virtual BlockType target(int64_t outputs) const = 0;
  /// The loss (one F64 value) and the gradient of the scores, of the mean over rows, or of the weighted mean where
  /// `weight` exists.
  virtual std::vector<Value> lower(Value scores, Value target, Value weight, bool gradient,
                                   PlanBuilder& plan) const = 0;
  /// Scores to what `predict` prints: probabilities, or the scores themselves.
  virtual Value lower_prediction(Value scores, PlanBuilder& plan) const = 0;
};

}  // namespace redbud
