#include "redbud/kernels/optimizer_step.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const Kernel<OptimizerStepProblem, OptimizerStepArgs>> optimizer_step_kernels() {
  static const std::array list = {cpu::optimizer_step, ref::optimizer_step};
  return list;
}

}  // namespace redbud::kernels
