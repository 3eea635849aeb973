#include "redbud/graph/ops/softmax.h"

#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/losses.h"

namespace redbud {
namespace {

kernels::SoftmaxProblem problem_of(const ValueType& type) {
  return {.type = type.type, .rows = type.rows(), .features = type.width()};
}

}  // namespace

void SoftmaxOp::differentiate(Differentiator& d) const {
  if (d.wants(0)) d.give(0, d.emit(std::make_unique<SoftmaxGradientOp>(), {d.output_gradient(), d.output(0)})[0]);
}

BoundStep SoftmaxOp::bind(const BindContext& c) const {
  return bind_kernel(kernels::softmax_forward_kernels(), problem_of(c.inputs[0].type),
                     kernels::SoftmaxForwardArgs{c.inputs[0].memory, c.outputs[0].memory}, c.policy);
}

BoundStep SoftmaxGradientOp::bind(const BindContext& c) const {
  return bind_kernel(kernels::softmax_backward_kernels(), problem_of(c.inputs[0].type),
                     kernels::SoftmaxBackwardArgs{c.inputs[0].memory, c.inputs[1].memory, c.outputs[0].memory},
                     c.policy);
}

}  // namespace redbud
