#include "redbud/losses/sigmoid_cross_entropy.h"

#include "redbud/graph/ops/activation.h"
#include "redbud/losses/lower_loss.h"

namespace redbud {

std::vector<Value> SigmoidCrossEntropy::lower(Value scores, Value target, Value weight, bool gradient,
                                              PlanBuilder& plan) const {
  return lower_loss(kind(), kernels::sigmoid_cross_entropy_kernels, {scores, target, weight}, gradient, plan);
}

Value SigmoidCrossEntropy::lower_prediction(Value scores, PlanBuilder& plan) const {
  const kernels::Activation logistic{.kind = kernels::ActivationKind::Logistic};
  return plan.emit(std::make_unique<ActivationOp>(logistic), {scores})[0];
}

}  // namespace redbud
