#include "redbud/graph/ops/prelu.h"

#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/prelu.h"

namespace redbud {

void PreluOp::differentiate(Differentiator& d) const {
  const bool parameter = d.wants(1);
  if (!parameter && !d.wants(0)) return;
  std::vector<Value> updates;
  bool accumulate = false;
  if (parameter) {
    const auto gradient = d.parameter_gradient(1);
    updates.push_back(gradient.value);
    accumulate = gradient.accumulate;
  }
  const Value dz = d.emit(std::make_unique<PreluGradientOp>(parameter, accumulate),
                          {d.output_gradient(), d.input(0), d.input(1)}, updates)[0];
  if (d.wants(0)) d.give(0, dz);
}

BoundStep PreluOp::bind(const BindContext& c) const {
  const ValueType& z = c.inputs[0].type;
  const kernels::PreluForwardProblem problem{.type = z.type, .rows = z.rows(), .features = z.width()};
  const kernels::PreluForwardArgs args{
      .z = c.inputs[0].memory, .y = c.outputs[0].memory, .slope = c.inputs[1].memory.data};
  return bind_kernel(kernels::prelu_forward_kernels(), problem, args, c.policy);
}

BoundStep PreluGradientOp::bind(const BindContext& c) const {
  const ValueType& dy = c.inputs[0].type;
  const kernels::PreluBackwardProblem problem{
      .type = dy.type, .rows = dy.rows(), .features = dy.width(), .accumulate = accumulate_};
  const kernels::PreluBackwardArgs args{.dy = c.inputs[0].memory,
                                        .z = c.inputs[1].memory,
                                        .dz = c.outputs[0].memory,
                                        .slope = c.inputs[2].memory.data,
                                        .dslope = parameter_ ? c.updates[0].memory.data : nullptr};
  return bind_kernel(kernels::prelu_backward_kernels(), problem, args, c.policy);
}

}  // namespace redbud
