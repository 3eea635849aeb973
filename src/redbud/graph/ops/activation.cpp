#include "redbud/graph/ops/activation.h"

#include <array>

#include "redbud/core/text.h"
#include "redbud/graph/ops/bind_kernel.h"

namespace redbud {

std::string describe(const kernels::Activation& activation) {
  constexpr std::array<std::string_view, 11> kNames = {
      "", "elu", "relu", "leaky_relu", "selu", "logistic", "tanh", "softplus", "softsign", "hard_sigmoid", "relu6"};
  std::string text(kNames[static_cast<size_t>(activation.kind)]);
  const bool has_alpha =
      activation.kind == kernels::ActivationKind::Elu || activation.kind == kernels::ActivationKind::LeakyRelu;
  return has_alpha ? text + "(" + format_number(activation.alpha) + ")" : text;
}

void ActivationOp::differentiate(Differentiator& d) const {
  if (d.wants(0))
    d.give(0, d.emit(std::make_unique<ActivationGradientOp>(activation_), {d.output_gradient(), d.output(0)})[0]);
}

BoundStep ActivationOp::bind(const BindContext& c) const {
  const ValueType& z = c.inputs[0].type;
  const kernels::ActivationForwardProblem problem{
      .type = z.type, .rows = z.rows(), .features = z.width(), .activation = activation_};
  return bind_kernel(kernels::activation_forward_kernels(), problem,
                     kernels::ActivationForwardArgs{c.inputs[0].memory, c.outputs[0].memory}, c.policy);
}

BoundStep ActivationGradientOp::bind(const BindContext& c) const {
  const ValueType& dy = c.inputs[0].type;
  const kernels::ActivationBackwardProblem problem{
      .type = dy.type, .rows = dy.rows(), .features = dy.width(), .activation = activation_};
  return bind_kernel(kernels::activation_backward_kernels(), problem,
                     kernels::ActivationBackwardArgs{c.inputs[0].memory, c.inputs[1].memory, c.outputs[0].memory},
                     c.policy);
}

}  // namespace redbud
