#pragma once
#include <cstdint>
#include <span>

#include "redbud/core/rng.h"
#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// Normal numbers made from a counter, so that neither threads nor a resume change them: Box-Muller on single
/// precision.
///
///   w       = philox block  n * blocks + k / 4          blocks = ceil(features / 4)
///   u       = (w[2p] / 2^8, rounded down to odd) / 2^24       angle = pi * (w[2p+1] / 2^8, rounded down, signed) /
///   2^23 y[n,k]  = mean + sigma * sqrt(-2 log(u)) * (k even: cos, k odd: sin)(angle)          p = k % 4 / 2
///
/// None is farther than 5.77 sigma from the mean.
/// Shapes    y (rows, features)
struct NormalNoiseProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  double mean = 0.0;
  double sigma = 1.0;
};
struct NormalNoiseArgs {
  RandomKey key;
  Matrix y;
};
std::span<const Kernel<NormalNoiseProblem, NormalNoiseArgs>> normal_noise_kernels();

/// How many blocks of four numbers a row takes.
inline int64_t normal_noise_blocks(int64_t features) { return (features + 3) / 4; }

/// The k-th number (0 to 3) of a block of words, for mean 0 and sigma 1.
double normal_of_words(const std::array<uint32_t, 4>& words, int64_t k);

}  // namespace redbud::kernels
