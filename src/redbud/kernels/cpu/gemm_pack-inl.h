// Packs a panel of B from a matrix that lies in columns: transposes it, a square block of vectors at a time.
// Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_PACK_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_PACK_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_PACK_INL_H_
#endif

#include <algorithm>

#include "redbud/kernels/cpu/gemm_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// kLanes vectors of kLanes elements.
struct Square {
  FloatVec row[kLanes];
};

/// Exchanges rows and columns inside the 4x4 blocks that vectors are made of (128 bits are 4 floats).
HWY_INLINE HWY_ATTR void transpose_blocks(Square& s) {
#if HWY_TARGET != HWY_SCALAR
  const FloatTag d;
  const hn::Repartition<double, FloatTag> dd;
  unroll<kLanes / 4>([&](auto group) HWY_ATTR __attribute__((always_inline)) {
    constexpr int64_t i = group * 4;
    const auto ac_low = hn::InterleaveLower(d, s.row[i], s.row[i + 1]);  // a0 b0 a1 b1
    const auto ac_high = hn::InterleaveUpper(d, s.row[i], s.row[i + 1]);
    const auto bd_low = hn::InterleaveLower(d, s.row[i + 2], s.row[i + 3]);
    const auto bd_high = hn::InterleaveUpper(d, s.row[i + 2], s.row[i + 3]);
    const auto low = [&](auto x, auto y) HWY_ATTR __attribute__((always_inline)) {
      return hn::BitCast(d, hn::InterleaveLower(dd, hn::BitCast(dd, x), hn::BitCast(dd, y)));
    };
    const auto high = [&](auto x, auto y) HWY_ATTR __attribute__((always_inline)) {
      return hn::BitCast(d, hn::InterleaveUpper(dd, hn::BitCast(dd, x), hn::BitCast(dd, y)));
    };
    s.row[i] = low(ac_low, bd_low);
    s.row[i + 1] = high(ac_low, bd_low);
    s.row[i + 2] = low(ac_high, bd_high);
    s.row[i + 3] = high(ac_high, bd_high);
  });
#else
  static_cast<void>(s);
#endif
}

/// Exchanges the 128-bit blocks themselves: block j of row 4i + r with block i of row 4j + r.
HWY_INLINE HWY_ATTR void exchange_blocks(Square& s) {
#if HWY_TARGET == HWY_AVX3
  const FloatTag d;
  unroll<4>([&](auto r) HWY_ATTR __attribute__((always_inline)) {
    const auto p = s.row[r], q = s.row[r + 4], u = s.row[r + 8], v = s.row[r + 12];
    const auto pq_even = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(q), p);  // p0 q0 p2 q2
    const auto pq_odd = hn::OddEvenBlocks(q, hn::SwapAdjacentBlocks(p));   // p1 q1 p3 q3
    const auto uv_even = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(v), u);
    const auto uv_odd = hn::OddEvenBlocks(v, hn::SwapAdjacentBlocks(u));
    s.row[r] = hn::ConcatLowerLower(d, uv_even, pq_even);
    s.row[r + 4] = hn::ConcatLowerLower(d, uv_odd, pq_odd);
    s.row[r + 8] = hn::ConcatUpperUpper(d, uv_even, pq_even);
    s.row[r + 12] = hn::ConcatUpperUpper(d, uv_odd, pq_odd);
  });
#elif HWY_TARGET == HWY_AVX2
  const FloatTag d;
  unroll<4>([&](auto r) HWY_ATTR __attribute__((always_inline)) {
    const auto p = s.row[r], q = s.row[r + 4];
    s.row[r] = hn::ConcatLowerLower(d, q, p);
    s.row[r + 4] = hn::ConcatUpperUpper(d, q, p);
  });
#else
  static_cast<void>(s);
#endif
}

/// to[k * to_stride + n] = from[n * from_stride + k] for kLanes x kLanes elements, of which only `rows` x `cols` of
/// `from` are read; zeros stand for the others.
HWY_INLINE HWY_ATTR void transpose_square(const float* from, int64_t from_stride, int64_t rows, int64_t cols, float* to,
                                          int64_t to_stride) {
  const FloatTag d;
  Square s;
  if (rows == kLanes && cols == kLanes) {
    unroll<kLanes>([&](auto r) HWY_ATTR __attribute__((always_inline)) {
      s.row[r] = hn::LoadU(d, from + r * from_stride);
      hwy::Prefetch(from + r * from_stride + 4 * kLanes);
    });
  } else {
    const auto mask = hn::FirstN(d, static_cast<size_t>(cols));
    const auto none = hn::FirstN(d, 0);
    unroll<kLanes>([&](auto r) HWY_ATTR __attribute__((always_inline)) {
      s.row[r] = hn::MaskedLoad(r < rows ? mask : none, d, from + std::min<int64_t>(r, rows - 1) * from_stride);
    });
  }
  transpose_blocks(s);
  exchange_blocks(s);
  unroll<kLanes>([&](auto k) HWY_ATTR __attribute__((always_inline)) { hn::Store(s.row[k], d, to + k * to_stride); });
}

/// packed[k,n] = from[n,k], k < depth, n < cols, with rows of `vectors` vectors; `packed` has room for depth rounded up
/// to kLanes.
HWY_NOINLINE HWY_ATTR void pack_transposed(const float* from, int64_t from_stride, int64_t depth, int64_t cols,
                                           int64_t vectors, float* packed) {
  for (int64_t n = 0; n < vectors; ++n) {
    const float* rows = from + n * kLanes * from_stride;
    for (int64_t k = 0; k < depth; k += kLanes) {
      transpose_square(rows + k, from_stride, std::min(kLanes, cols - n * kLanes), std::min(kLanes, depth - k),
                       packed + (k * vectors + n) * kLanes, vectors * kLanes);
    }
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
