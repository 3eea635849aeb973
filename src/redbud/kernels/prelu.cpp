#include "redbud/kernels/prelu.h"

#include <array>

#include "redbud/kernels/cpu/rectifiers.h"
#include "redbud/kernels/ref/rectifiers.h"

namespace redbud::kernels {

std::span<const Kernel<PreluForwardProblem, PreluForwardArgs>> prelu_forward_kernels() {
  static const std::array list = {cpu::prelu_forward, ref::prelu_forward};
  return list;
}

std::span<const Kernel<PreluBackwardProblem, PreluBackwardArgs>> prelu_backward_kernels() {
  static const std::array list = {cpu::prelu_backward, ref::prelu_backward};
  return list;
}

}  // namespace redbud::kernels
