#pragma once
#include <span>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// The parametric rectifier: a slope below 0 that is learned for each feature.
///
///   y[n,k] = z[n,k] > 0 ? z[n,k] : a[k] * z[n,k]
///
/// Shapes    z, y (rows, features); y may be z   a (features)
/// Source    He et al. 2015 (arXiv 1502.01852), equation 1
struct PreluForwardProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
};
struct PreluForwardArgs {
  Matrix z, y;
  const void* slope = nullptr;  // a
};
std::span<const Kernel<PreluForwardProblem, PreluForwardArgs>> prelu_forward_kernels();

///   dz[n,k] = dy[n,k] * (z[n,k] > 0 ? 1 : a[k])      da[k] (+)= sum_n dy[n,k] * min(z[n,k], 0)
///
/// Shapes    dy, z, dz (rows, features); dz may be dy; no dz (data null): only da is wanted   a, da (features)
/// Backward  dz is overwritten; da too, or added to if `accumulate`; sums over n in one fixed order
struct PreluBackwardProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  bool accumulate = false;
};
struct PreluBackwardArgs {
  Matrix dy, z, dz;
  const void* slope = nullptr;
  void* dslope = nullptr;  // null: not wanted
};
std::span<const Kernel<PreluBackwardProblem, PreluBackwardArgs>> prelu_backward_kernels();

}  // namespace redbud::kernels
