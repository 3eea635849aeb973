#pragma once
#include <cstdint>
#include <span>

#include "redbud/core/rng.h"
#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// Which elements a dropout keeps, as bits, made from a counter so that neither threads nor a resume change them.
///
///   half(n,k) = 16 bits of philox block  n * blocks + k / 8,  the (k % 8)-th of its 8 halves (word k%8/2, low half
///   first) keep(n,k) = half(n,k) >= threshold          blocks = ceil(features / 8)
///
/// The bit k % 8 of byte (n, k / 8) of the mask; bits past `features` are 0.
/// Shapes    mask (rows, blocks) bytes, stride = blocks
struct DropoutMaskProblem {
  int64_t first_row = 0;  // of the mask: [first_row, first_row + rows) are drawn
  int64_t rows = 0;
  int64_t features = 0;
  uint32_t threshold = 0;  // dropout_threshold(rate)
};
struct DropoutMaskArgs {
  RandomKey key;
  uint8_t* mask = nullptr;
};
std::span<const Kernel<DropoutMaskProblem, DropoutMaskArgs>> dropout_mask_kernels();

/// rate * 65,536, rounded; in [0, 65,535].
uint32_t dropout_threshold(double rate);
/// What kept values are multiplied by, so that the mean stays: 65,536 / (65,536 - threshold).
double dropout_scale(uint32_t threshold);
inline int64_t dropout_blocks(int64_t features) { return (features + 7) / 8; }

/// y = keep ? x * scale + shift : dropped. Without shift and dropped it is its own gradient, too: dx = keep ? dy *
/// scale : 0.
///
/// Shapes    x, y (rows, features); y may be x   mask as above
struct DropoutApplyProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  double scale = 1.0;
  double shift = 0.0;
  double dropped = 0.0;
};
struct DropoutApplyArgs {
  Matrix x, y;
  const uint8_t* mask = nullptr;
};
std::span<const Kernel<DropoutApplyProblem, DropoutApplyArgs>> dropout_apply_kernels();

/// What an alpha dropout does to values of mean 0 and variance 1 so that they keep both: kept ones become x * scale +
/// shift, the others `dropped`.
///
///   p = threshold / 65,536     z = -lambda * alpha of SELU     scale = ((1 - p) * (1 + p * z^2))^-1/2
///   shift = -scale * p * z     dropped = scale * z + shift
///
/// Source    Klambauer, Unterthiner, Mayr, Hochreiter 2017 (arXiv 1706.02515), "new dropout technique"
struct AlphaDropout {
  double scale = 1.0;
  double shift = 0.0;
  double dropped = 0.0;
};
AlphaDropout alpha_dropout(uint32_t threshold);

}  // namespace redbud::kernels
