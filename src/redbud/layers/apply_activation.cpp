#include "redbud/layers/apply_activation.h"

#include "redbud/graph/ops/activation.h"
#include "redbud/graph/ops/prelu.h"
#include "redbud/graph/ops/rrelu.h"

namespace redbud {

using kernels::ActivationKind;

std::vector<ParameterSpec> activation_parameters(const kernels::Activation& activation, int64_t features) {
  if (activation.kind != ActivationKind::Prelu) return {};
  return {{.name = "slope",
           .shape = {features},
           .initializer = {.name = "constant", .value = activation.alpha},
           .fans = {}}};
}

Value apply_activation(const kernels::Activation& activation, Value z, std::span<const Value> parameters, bool frozen,
                       PlanBuilder& plan) {
  if (activation.is_identity()) return z;
  if (activation.kind == ActivationKind::Prelu) return plan.emit(std::make_unique<PreluOp>(), {z, parameters[0]})[0];
  const bool drawn = activation.kind == ActivationKind::Rrelu && plan.mode() == PlanMode::Train && !frozen;
  if (drawn) return plan.emit(std::make_unique<RreluOp>(activation.alpha, activation.upper, plan.next_lane()), {z})[0];
  return plan.emit(std::make_unique<ActivationOp>(in_prediction(activation)), {z})[0];
}

}  // namespace redbud
