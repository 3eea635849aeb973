#include "redbud/kernels/activation.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const ActivationInfo> activation_table() {
  using enum ActivationKind;
  static const std::vector<ActivationConstant> kAlpha = {{"alpha", &Activation::alpha}};
  static const std::vector<ActivationConstant> kPositive = {{"alpha", &Activation::alpha, 1e-6}};
  static const std::vector<ActivationConstant> kAnySlope = {{"alpha", &Activation::alpha, -1e6}};
  static const std::vector<ActivationConstant> kAlphaScale = {{"alpha", &Activation::alpha},
                                                              {"scale", &Activation::scale}};
  static const std::vector<ActivationConstant> kLowerUpper = {{"lower", &Activation::alpha},
                                                              {"upper", &Activation::upper}};
  static const std::array kTable = {
      ActivationInfo{"elu", {Elu, 1.0}, kAlpha, 3},
      ActivationInfo{"relu", {Relu}, {}, 0},
      ActivationInfo{"leaky_relu", {LeakyRelu, 0.01}, kAlpha, 1.5},
      ActivationInfo{"selu", {Selu, 1.6732632423543772, 1.0507009873554805}, kAlphaScale, 4},
      ActivationInfo{"logistic", {Logistic}, {}, 4},
      ActivationInfo{"tanh", {Tanh}, {}, 4},
      ActivationInfo{"softplus", {Softplus}, {}, 4},
      ActivationInfo{"softsign", {Softsign}, {}, 2},
      ActivationInfo{"hard_sigmoid", {HardSigmoid, 1.0 / 6.0}, kPositive, 2},
      ActivationInfo{"relu6", {Relu6}, {}, 0},
      ActivationInfo{"gelu", {Gelu}, {}, 8, true},
      ActivationInfo{"gelu_tanh", {GeluTanh}, {}, 8, true},
      ActivationInfo{"silu", {Silu}, {}, 5, true},
      ActivationInfo{"mish", {Mish}, {}, 5, true},
      ActivationInfo{"hard_swish", {HardSwish}, {}, 4, true},
      ActivationInfo{"prelu", {Prelu, 0.25}, kAnySlope, 1},
      ActivationInfo{"rrelu", {Rrelu, 1.0 / 8.0, 1.0, 1.0 / 3.0}, kLowerUpper, 1},
      ActivationInfo{"identity", {Identity}, {}, 0},
  };
  return kTable;
}

const ActivationInfo& info_of(ActivationKind kind) {
  static const ActivationInfo kStored{"stored slope", {ActivationKind::StoredSlope}, {}};
  if (kind == ActivationKind::StoredSlope) return kStored;
  for (const ActivationInfo& info : activation_table()) {
    if (info.defaults.kind == kind) return info;
  }
  RB_ASSERT(false);
  return activation_table().back();
}

Activation in_prediction(const Activation& activation) {
  if (activation.kind != ActivationKind::Rrelu) return activation;
  return {.kind = ActivationKind::LeakyRelu, .alpha = 0.5 * (activation.alpha + activation.upper)};
}

std::span<const Kernel<ActivationForwardProblem, ActivationForwardArgs>> activation_forward_kernels() {
  static const std::array list = {cpu::activation_forward, ref::activation_forward};
  return list;
}

std::span<const Kernel<ActivationForwardProblem, ActivationSlopesArgs>> activation_slopes_kernels() {
  static const std::array list = {cpu::activation_slopes, ref::activation_slopes};
  return list;
}

std::span<const Kernel<ActivationBackwardProblem, ActivationBackwardArgs>> activation_backward_kernels() {
  static const std::array list = {cpu::activation_backward, ref::activation_backward};
  return list;
}

}  // namespace redbud::kernels
