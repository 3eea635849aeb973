#include "redbud/kernels/elementwise.h"

#include <array>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const Kernel<AddProblem, AddArgs>> add_kernels() {
  static const std::array list = {cpu::add, ref::add};
  return list;
}

std::span<const Kernel<MultiplyProblem, MultiplyArgs>> multiply_kernels() {
  static const std::array list = {cpu::multiply, ref::multiply};
  return list;
}

std::span<const Kernel<ExpProblem, ExpArgs>> exp_kernels() {
  static const std::array list = {ref::exp};
  return list;
}

}  // namespace redbud::kernels
