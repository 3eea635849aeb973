#pragma once
#include <cstdint>
#include <span>

#include "redbud/core/rng.h"

namespace redbud {

struct MatrixExtent {
  int64_t rows = 0;
  int64_t cols = 0;
};

/// Fills a matrix with a random orthogonal one (uniform over all of them), times gain: its rows or its columns, the
/// fewer of both, are orthonormal. By Gram-Schmidt on normal numbers, in double. Source  Saxe, McClelland, Ganguli 2013
/// (arXiv 1312.6120); Mezzadri 2006 (math-ph/0609050) for the uniformity
void fill_orthogonal(std::span<float> values, MatrixExtent extent, double gain, const RandomKey& key);

}  // namespace redbud
