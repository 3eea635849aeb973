#include "redbud/kernels/optimizer_step.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const Kernel<SquaredNormProblem, SquaredNormArgs>> squared_norm_kernels() {
  static const std::array list = {cpu::squared_norm, ref::squared_norm};
  return list;
}

}  // namespace redbud::kernels
