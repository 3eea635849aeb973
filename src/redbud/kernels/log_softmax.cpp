#include "redbud/kernels/log_softmax.h"

#include <array>

#include "redbud/kernels/cpu/log_softmax.h"
#include "redbud/kernels/ref/log_softmax.h"

namespace redbud::kernels {

std::span<const Kernel<SoftmaxProblem, SoftmaxForwardArgs>> log_softmax_forward_kernels() {
  static const std::array list = {cpu::log_softmax_forward, ref::log_softmax_forward};
  return list;
}

std::span<const Kernel<SoftmaxProblem, SoftmaxBackwardArgs>> log_softmax_backward_kernels() {
  static const std::array list = {cpu::log_softmax_backward, ref::log_softmax_backward};
  return list;
}

}  // namespace redbud::kernels
