#include "redbud/kernels/max_norm.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const Kernel<MaxNormProblem, MaxNormArgs>> max_norm_kernels() {
  static const std::array list = {cpu::max_norm, ref::max_norm};
  return list;
}

}  // namespace redbud::kernels
