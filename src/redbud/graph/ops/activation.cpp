#include "redbud/graph/ops/activation.h"

#include "redbud/core/text.h"
#include "redbud/graph/ops/bind_kernel.h"

namespace redbud {

std::string describe(const kernels::Activation& activation) {
  if (activation.is_identity()) return {};
  const kernels::ActivationInfo& info = kernels::info_of(activation.kind);
  std::string text(info.name);
  const char* before = "(";
  for (const kernels::ActivationConstant& constant : info.constants) {
    if (constant.member == &kernels::Activation::scale) continue;
    text += before + format_number(activation.*constant.member);
    before = ", ";
  }
  return info.constants.empty() ? text : text + ")";
}

void ActivationOp::differentiate(Differentiator& d) const {
  if (!d.wants(0)) return;
  const Value at = derivative_from_input(activation_) ? d.input(0) : d.output(0);
  d.give(0, d.emit(std::make_unique<ActivationGradientOp>(activation_), {d.output_gradient(), at})[0]);
}

BoundStep ActivationOp::bind(const BindContext& c) const {
  const ValueType& z = c.inputs[0].type;
  const kernels::ActivationForwardProblem problem{
      .type = z.type, .rows = z.rows(), .features = z.width(), .activation = activation_};
  using Args = kernels::ActivationForwardArgs;
  return bind_row_kernel(kernels::activation_forward_kernels(), problem, Args{c.inputs[0].memory, c.outputs[0].memory},
                         c.policy, moving(problem.type, &Args::z, &Args::y));
}

void differentiate_by_slopes(Differentiator& d) {
  if (!d.wants(0)) return;
  const kernels::Activation stored{.kind = kernels::ActivationKind::StoredSlope};
  d.give(0, d.emit(std::make_unique<ActivationGradientOp>(stored), {d.output_gradient(), d.output(1)})[0]);
}

void ActivationSlopesOp::differentiate(Differentiator& d) const { differentiate_by_slopes(d); }

BoundStep ActivationSlopesOp::bind(const BindContext& c) const {
  const ValueType& z = c.inputs[0].type;
  const kernels::ActivationForwardProblem problem{
      .type = z.type, .rows = z.rows(), .features = z.width(), .activation = activation_};
  using Args = kernels::ActivationSlopesArgs;
  return bind_row_kernel(kernels::activation_slopes_kernels(), problem,
                         Args{c.inputs[0].memory, c.outputs[0].memory, c.outputs[1].memory}, c.policy,
                         moving(problem.type, &Args::z, &Args::y, &Args::slope));
}

BoundStep ActivationGradientOp::bind(const BindContext& c) const {
  const ValueType& dy = c.inputs[0].type;
  const kernels::ActivationBackwardProblem problem{
      .type = dy.type, .rows = dy.rows(), .features = dy.width(), .activation = activation_};
  using Args = kernels::ActivationBackwardArgs;
  return bind_row_kernel(kernels::activation_backward_kernels(), problem,
                         Args{c.inputs[0].memory, c.inputs[1].memory, c.outputs[0].memory}, c.policy,
                         moving(problem.type, &Args::dy, &Args::at, &Args::dz));
}

}  // namespace redbud
