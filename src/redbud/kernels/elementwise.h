#pragma once
#include <cstdint>
#include <span>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// y (+)= x, over a block of columns. Sums gradients that meet, copies columns for concat and its gradient.
/// Shapes    x, y (rows, features), each with its own stride
struct AddProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  bool accumulate = true;  // false: y = x
};
struct AddArgs {
  Matrix x, y;
};
std::span<const Kernel<AddProblem, AddArgs>> add_kernels();

}  // namespace redbud::kernels
