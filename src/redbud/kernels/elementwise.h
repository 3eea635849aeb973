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

/// y = a * b, element by element. y may be a or b.
/// Shapes    a, b, y (rows, features), each with its own stride
struct MultiplyProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
};
struct MultiplyArgs {
  Matrix a, b, y;
};
std::span<const Kernel<MultiplyProblem, MultiplyArgs>> multiply_kernels();

/// y = exp(x). y may be x.
struct ExpProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
};
struct ExpArgs {
  Matrix x, y;
};
std::span<const Kernel<ExpProblem, ExpArgs>> exp_kernels();

}  // namespace redbud::kernels
