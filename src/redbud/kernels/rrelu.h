#pragma once
#include <span>

#include "redbud/core/rng.h"
#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// The randomized rectifier in training: a slope below 0 that is drawn anew for each element in each step.
///
///   a[n,k] = lower + (upper - lower) * random_uniform(key, n * features + k)
///   slope[n,k] = z[n,k] > 0 ? 1 : a[n,k]      y[n,k] = slope[n,k] * z[n,k]
///
/// Shapes    z, y, slope (rows, features); y may be z
/// Needs     rows * features < 2^34
/// Source    Xu et al. 2015 (arXiv 1505.00853), with 1 / a there for a here
struct RreluForwardProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  double lower = 0.0;
  double upper = 0.0;
};
struct RreluForwardArgs {
  RandomKey key;
  Matrix z, y, slope;
};
std::span<const Kernel<RreluForwardProblem, RreluForwardArgs>> rrelu_forward_kernels();

}  // namespace redbud::kernels
