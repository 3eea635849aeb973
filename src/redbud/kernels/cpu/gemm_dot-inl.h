// Tiles of C = A * B where B lies in columns and A in rows, so that both are read along k: dot products of rows.
//
// Packing would transpose B, which costs as much as 5 to 10 rows of C. Here the lanes of an accumulator are partial
// sums over k instead, added up at the end by shuffles and additions, which run beside the multiply-adds of the next
// tile. Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_DOT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_DOT_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_DOT_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_DOT_INL_H_
#endif

#include <algorithm>

#include "redbud/kernels/cpu/gemm_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

inline constexpr int64_t kDotRows = 3;
inline constexpr int64_t kDotCols =
    std::max<int64_t>(1, kLanes / 2);  // half a vector of sums: they fold from 128-bit blocks

struct DotTile {
  const float* a = nullptr;
  int64_t a_stride = 0;
  std::array<const float*, kDotCols> b = {};  // columns; where there are fewer, the last one again
  float* c = nullptr;
  int64_t c_stride = 0;
  int64_t depth = 0;
  int64_t cols = 0;  // at most kDotCols
};

#if HWY_TARGET != HWY_SCALAR

using HalfTag = hn::Half<FloatTag>;

/// The sums of four vectors inside each 128-bit block: block i holds the sums of the four blocks i.
HWY_INLINE FloatVec add_inside_blocks(FloatVec p, FloatVec q, FloatVec r, FloatVec s) {
  const FloatTag d;
  const hn::Repartition<double, FloatTag> dd;
  const auto pq = hn::BitCast(dd, hn::Add(hn::InterleaveLower(d, p, q), hn::InterleaveUpper(d, p, q)));
  const auto rs = hn::BitCast(dd, hn::Add(hn::InterleaveLower(d, r, s), hn::InterleaveUpper(d, r, s)));
  return hn::Add(hn::BitCast(d, hn::InterleaveLower(dd, pq, rs)), hn::BitCast(d, hn::InterleaveUpper(dd, pq, rs)));
}

/// The sum of each of kDotCols vectors.
HWY_INLINE hn::Vec<HalfTag> add_lanes(const FloatVec* v) {
  const FloatTag d;
  const HalfTag half;
  FloatVec blocks = add_inside_blocks(v[0], v[1], v[2], v[3]);
#if HWY_TARGET == HWY_AVX3
  const FloatVec p = blocks;
  const FloatVec q = add_inside_blocks(v[4], v[5], v[6], v[7]);
  // p0 q1 p2 q3 + p1 q0 p3 q2
  blocks = hn::Add(hn::OddEvenBlocks(q, p), hn::SwapAdjacentBlocks(hn::OddEvenBlocks(p, q)));
#endif
  return hn::Add(hn::LowerHalf(half, blocks), hn::UpperHalf(half, blocks));
}

#endif

/// C[m,n] = sum_k A[m,k] * B[k,n] for a tile of kRows x cols.
template <int64_t kRows>
HWY_NOINLINE void run_dot_tile(const DotTile& t) {
#if HWY_TARGET != HWY_SCALAR
  const FloatTag d;
  FloatVec sum[kRows][kDotCols];
#pragma GCC unroll 32
  for (int64_t m = 0; m < kRows; ++m) {
#pragma GCC unroll 32
    for (int64_t n = 0; n < kDotCols; ++n) sum[m][n] = hn::Zero(d);
  }
  const float* HWY_RESTRICT a = t.a;
  const int64_t a_stride = t.a_stride;
  const std::array<const float*, kDotCols> b = t.b;
  // Always with a mask: it costs nothing, and g++ would load every w again for each row otherwise.
  for (int64_t k = 0; k < t.depth; k += kLanes) {
    const auto rest = hn::FirstN(d, static_cast<size_t>(t.depth - k));
    FloatVec x[kRows];
#pragma GCC unroll 32
    for (int64_t m = 0; m < kRows; ++m) x[m] = hn::MaskedLoad(rest, d, a + m * a_stride + k);
#pragma GCC unroll 32
    for (int64_t n = 0; n < kDotCols; ++n) {
      const FloatVec w = hn::MaskedLoad(rest, d, b[static_cast<size_t>(n)] + k);
#pragma GCC unroll 32
      for (int64_t m = 0; m < kRows; ++m) sum[m][n] = hn::MulAdd(x[m], w, sum[m][n]);
    }
  }

  const HalfTag half;
  const auto mask = hn::FirstN(half, static_cast<size_t>(t.cols));
#pragma GCC unroll 32
  for (int64_t m = 0; m < kRows; ++m) hn::BlendedStore(add_lanes(sum[m]), mask, half, t.c + m * t.c_stride);
#else
  static_cast<void>(t);
#endif
}

inline constexpr std::array<void (*)(const DotTile&), kDotRows + 1> kDotTiles = {nullptr, run_dot_tile<1>,
                                                                                 run_dot_tile<2>, run_dot_tile<3>};

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
