#include "redbud/kernels/losses.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const LossKernel> sigmoid_cross_entropy_kernels() {
  static const std::array list = {cpu::sigmoid_cross_entropy, ref::sigmoid_cross_entropy};
  return list;
}

}  // namespace redbud::kernels
