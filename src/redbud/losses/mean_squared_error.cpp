#include "redbud/losses/mean_squared_error.h"

#include "redbud/losses/lower_loss.h"

namespace redbud {

std::vector<Value> MeanSquaredError::lower(Value scores, Value target, Value weight, bool gradient,
                                           PlanBuilder& plan) const {
  return lower_loss(kind(), kernels::mean_squared_error_kernels, {scores, target, weight}, gradient, plan);
}

}  // namespace redbud
