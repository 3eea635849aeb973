#include "redbud/graph/ops/log_softmax.h"

#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/log_softmax.h"

namespace redbud {
namespace {

kernels::SoftmaxProblem problem_of(const ValueType& type) {
  return {.type = type.type, .rows = type.rows(), .features = type.width()};
}

}  // namespace

void LogSoftmaxOp::differentiate(Differentiator& d) const {
  if (d.wants(0)) d.give(0, d.emit(std::make_unique<LogSoftmaxGradientOp>(), {d.output_gradient(), d.output(0)})[0]);
}

BoundStep LogSoftmaxOp::bind(const BindContext& c) const {
  return bind_kernel(kernels::log_softmax_forward_kernels(), problem_of(c.inputs[0].type),
                     kernels::SoftmaxForwardArgs{c.inputs[0].memory, c.outputs[0].memory}, c.policy);
}

BoundStep LogSoftmaxGradientOp::bind(const BindContext& c) const {
  return bind_kernel(kernels::log_softmax_backward_kernels(), problem_of(c.inputs[0].type),
                     kernels::SoftmaxBackwardArgs{c.inputs[0].memory, c.inputs[1].memory, c.outputs[0].memory},
                     c.policy);
}

}  // namespace redbud
