#include "redbud/losses/kernel_loss.h"

#include "redbud/graph/ops/activation.h"
#include "redbud/graph/ops/exp.h"
#include "redbud/graph/ops/softmax.h"

namespace redbud {

std::vector<Value> KernelLoss::lower(Value scores, Value target, Value weight, bool gradient, PlanBuilder& plan) const {
  std::vector<Value> inputs = {scores, target};
  if (weight.exists()) inputs.push_back(weight);
  return plan.emit(std::make_unique<LossOp>(kind(), type_.kernels, constants_, gradient), inputs);
}

Value KernelLoss::lower_prediction(Value scores, PlanBuilder& plan) const {
  switch (type_.link) {
    case Link::Identity:
      break;
    case Link::Softmax:
      return plan.emit(std::make_unique<SoftmaxOp>(), {scores})[0];
    case Link::Logistic: {
      const kernels::Activation logistic{.kind = kernels::ActivationKind::Logistic};
      return plan.emit(std::make_unique<ActivationOp>(logistic), {scores})[0];
    }
    case Link::Exp:
      return plan.emit(std::make_unique<ExpOp>(), {scores})[0];
  }
  return scores;
}

}  // namespace redbud
