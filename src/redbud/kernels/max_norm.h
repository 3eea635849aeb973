#pragma once
#include <span>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// Keeps the l2 norm of each unit's incoming weights within a limit.
///
///   norm[k] = sqrt(sum_c w[c,k]^2)      w[c,k] *= limit / norm[k]   where norm[k] > limit
///
/// Shapes  w (inputs, outputs), dense. Units within the limit keep their bits. A NaN stays as it is.
/// Source  Srivastava et al. 2014, section 5.1; Keras' MaxNorm(axis=0)
struct MaxNormProblem {
  DType type = DType::F32;
  int64_t inputs = 0;
  int64_t outputs = 0;
};
struct MaxNormArgs {
  void* w = nullptr;
  double limit = 0.0;
};
std::span<const Kernel<MaxNormProblem, MaxNormArgs>> max_norm_kernels();

}  // namespace redbud::kernels
