#include "redbud/kernels/losses.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const Kernel<SoftmaxProblem, SoftmaxForwardArgs>> softmax_forward_kernels() {
  static const std::array list = {cpu::softmax_forward, ref::softmax_forward};
  return list;
}

std::span<const Kernel<SoftmaxProblem, SoftmaxBackwardArgs>> softmax_backward_kernels() {
  static const std::array list = {cpu::softmax_backward, ref::softmax_backward};
  return list;
}

}  // namespace redbud::kernels
