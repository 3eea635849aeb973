#include "redbud/graph/ops/loss.h"

#include "redbud/graph/ops/bind_kernel.h"

namespace redbud {

std::vector<ValueType> LossOp::outputs(std::span<const ValueType> inputs) const {
  std::vector<ValueType> types = {{DType::F64, {1}}};
  if (gradient_) types.push_back(inputs[0]);
  return types;
}

void LossOp::differentiate(Differentiator& d) const {
  RB_ASSERT(gradient_);
  if (d.wants(0)) d.give(0, d.output(1));
}

BoundStep LossOp::bind(const BindContext& c) const {
  const ValueType& scores = c.inputs[0].type;
  const bool weighted = c.inputs.size() > 2;
  const kernels::LossProblem problem{.type = scores.type,
                                     .rows = scores.rows(),
                                     .outputs = scores.width(),
                                     .weighted = weighted,
                                     .gradient = gradient_,
                                     .soft = c.inputs[1].type.type != DType::I32,
                                     .constants = constants_};
  const kernels::LossArgs args{.scores = c.inputs[0].memory,
                               .target = c.inputs[1].memory,
                               .weight = weighted ? c.inputs[2].memory.data : nullptr,
                               .dscores = gradient_ ? c.outputs[1].memory : kernels::Matrix{},
                               .loss = static_cast<double*>(c.outputs[0].memory.data)};
  return bind_kernel(list_(), problem, args, c.policy);
}

}  // namespace redbud
