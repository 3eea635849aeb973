#include "redbud/kernels/losses.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const LossKernel> mean_squared_error_kernels() {
  static const std::array list = {cpu::mean_squared_error, ref::mean_squared_error};
  return list;
}

}  // namespace redbud::kernels
