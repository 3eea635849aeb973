#include "redbud/kernels/activation.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const Kernel<ActivationForwardProblem, ActivationForwardArgs>> activation_forward_kernels() {
  static const std::array list = {cpu::activation_forward, ref::activation_forward};
  return list;
}

std::span<const Kernel<ActivationBackwardProblem, ActivationBackwardArgs>> activation_backward_kernels() {
  static const std::array list = {cpu::activation_backward, ref::activation_backward};
  return list;
}

}  // namespace redbud::kernels
