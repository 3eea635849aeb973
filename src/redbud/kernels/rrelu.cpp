#include "redbud/kernels/rrelu.h"

#include <array>

#include "redbud/kernels/cpu/rectifiers.h"
#include "redbud/kernels/ref/rectifiers.h"

namespace redbud::kernels {

std::span<const Kernel<RreluForwardProblem, RreluForwardArgs>> rrelu_forward_kernels() {
  static const std::array list = {cpu::rrelu_forward, ref::rrelu_forward};
  return list;
}

}  // namespace redbud::kernels
