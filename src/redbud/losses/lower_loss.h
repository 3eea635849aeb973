#pragma once
#include <array>
#include <vector>

#include "redbud/graph/ops/loss.h"
#include "redbud/graph/plan_builder.h"

namespace redbud {

/// Emits a loss of kernels/losses.h; `operands` are scores, target, weight (which needn't exist).
inline std::vector<Value> lower_loss(std::string_view kind, LossOp::Kernels list, std::array<Value, 3> operands,
                                     bool gradient, PlanBuilder& plan) {
  std::vector<Value> inputs = {operands[0], operands[1]};
  if (operands[2].exists()) inputs.push_back(operands[2]);
  return plan.emit(std::make_unique<LossOp>(kind, list, gradient), inputs);
}

}  // namespace redbud
