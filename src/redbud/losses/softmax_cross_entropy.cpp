#include "redbud/losses/softmax_cross_entropy.h"

#include "redbud/graph/ops/softmax.h"
#include "redbud/losses/lower_loss.h"

namespace redbud {

std::vector<Value> SoftmaxCrossEntropy::lower(Value scores, Value target, Value weight, bool gradient,
                                              PlanBuilder& plan) const {
  return lower_loss(kind(), kernels::softmax_cross_entropy_kernels, {scores, target, weight}, gradient, plan);
}

Value SoftmaxCrossEntropy::lower_prediction(Value scores, PlanBuilder& plan) const {
  return plan.emit(std::make_unique<SoftmaxOp>(), {scores})[0];
}

}  // namespace redbud
