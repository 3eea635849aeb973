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

#if HWY_TARGET != HWY_SCALAR

/// Exchanges rows and columns inside the 4x4 blocks that four vectors are made of (128 bits are 4 floats).
HWY_INLINE void transpose_blocks(FloatVec& p, FloatVec& q, FloatVec& r, FloatVec& s) {
  const FloatTag d;
  const hn::Repartition<double, FloatTag> dd;
  const auto low_pq = hn::BitCast(dd, hn::InterleaveLower(d, p, q));  // p0 q0 p1 q1
  const auto high_pq = hn::BitCast(dd, hn::InterleaveUpper(d, p, q));
  const auto low_rs = hn::BitCast(dd, hn::InterleaveLower(d, r, s));
  const auto high_rs = hn::BitCast(dd, hn::InterleaveUpper(d, r, s));
  p = hn::BitCast(d, hn::InterleaveLower(dd, low_pq, low_rs));
  q = hn::BitCast(d, hn::InterleaveUpper(dd, low_pq, low_rs));
  r = hn::BitCast(d, hn::InterleaveLower(dd, high_pq, high_rs));
  s = hn::BitCast(d, hn::InterleaveUpper(dd, high_pq, high_rs));
}

#endif

/// kLanes vectors of kLanes elements: vector 4 * i + r is row[i][r].
struct Square {
  FloatVec row[std::max<int64_t>(1, kLanes / 4)][std::min<int64_t>(4, kLanes)];
};

/// Exchanges the 128-bit blocks themselves: block j of row[i][r] with block i of row[j][r].
HWY_INLINE void exchange_blocks(Square& s) {
#if HWY_TARGET == HWY_AVX3
  const FloatTag d;
#pragma GCC unroll 32
  for (int64_t r = 0; r < 4; ++r) {
    const FloatVec p = s.row[0][r], q = s.row[1][r], u = s.row[2][r], v = s.row[3][r];
    const FloatVec pq_even = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(q), p);  // p0 q0 p2 q2
    const FloatVec pq_odd = hn::OddEvenBlocks(q, hn::SwapAdjacentBlocks(p));   // p1 q1 p3 q3
    const FloatVec uv_even = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(v), u);
    const FloatVec uv_odd = hn::OddEvenBlocks(v, hn::SwapAdjacentBlocks(u));
    s.row[0][r] = hn::ConcatLowerLower(d, uv_even, pq_even);
    s.row[1][r] = hn::ConcatLowerLower(d, uv_odd, pq_odd);
    s.row[2][r] = hn::ConcatUpperUpper(d, uv_even, pq_even);
    s.row[3][r] = hn::ConcatUpperUpper(d, uv_odd, pq_odd);
  }
#elif HWY_TARGET == HWY_AVX2
  const FloatTag d;
#pragma GCC unroll 32
  for (int64_t r = 0; r < 4; ++r) {
    const FloatVec p = s.row[0][r], q = s.row[1][r];
    s.row[0][r] = hn::ConcatLowerLower(d, q, p);
    s.row[1][r] = hn::ConcatUpperUpper(d, q, p);
  }
#else
  static_cast<void>(s);
#endif
}

/// to[k * to_stride + n] = from[n * from_stride + k] for kLanes x kLanes elements, of which only `rows` x `cols` of
/// `from` are read; zeros stand for the others.
HWY_INLINE void transpose_square(const float* from, int64_t from_stride, int64_t rows, int64_t cols, float* to,
                                 int64_t to_stride) {
  const FloatTag d;
  Square s;
  if (rows == kLanes && cols == kLanes) {
#pragma GCC unroll 32
    for (int64_t r = 0; r < kLanes; ++r) {
      s.row[r / 4][r % 4] = hn::LoadU(d, from + r * from_stride);
      hwy::Prefetch(from + r * from_stride + 4 * kLanes);
    }
  } else {
    const auto mask = hn::FirstN(d, static_cast<size_t>(cols));
    const auto none = hn::FirstN(d, 0);
#pragma GCC unroll 32
    for (int64_t r = 0; r < kLanes; ++r) {
      s.row[r / 4][r % 4] = hn::MaskedLoad(r < rows ? mask : none, d, from + (r < rows ? r : rows - 1) * from_stride);
    }
  }
#if HWY_TARGET != HWY_SCALAR
#pragma GCC unroll 32
  for (int64_t i = 0; i < kLanes / 4; ++i) {
    transpose_blocks(s.row[i][0], s.row[i][1], s.row[i][2], s.row[i][3]);
  }
#endif
  exchange_blocks(s);
#pragma GCC unroll 32
  for (int64_t k = 0; k < kLanes; ++k) hn::Store(s.row[k / 4][k % 4], d, to + k * to_stride);
}

/// packed[k,n] = from[n,k], k < depth, n < cols, with rows of `vectors` vectors; `packed` has room for depth rounded up
/// to kLanes.
HWY_NOINLINE void pack_transposed(const float* from, int64_t from_stride, int64_t depth, int64_t cols, int64_t vectors,
                                  float* packed) {
  for (int64_t n = 0; n < vectors; ++n) {
    const float* rows = from + n * kLanes * from_stride;
    for (int64_t k = 0; k < depth; k += kLanes) {
      transpose_square(rows + k, from_stride, std::min(kLanes, cols - n * kLanes), std::min(kLanes, depth - k),
                       packed + (k * vectors + n) * kLanes, vectors * kLanes);
    }
  }
}

/// The height of the tile that transposes while it computes: its sums and a square fit in the registers together.
inline constexpr int64_t kTransposingRows = HWY_TARGET == HWY_AVX3 ? 6 : HWY_TARGET == HWY_AVX2 ? 3 : 1;

/// The squares of a panel from k on.
template <int64_t kVectors>
HWY_INLINE void pack_squares(const Tile& t, int64_t k) {
  if (k >= t.depth) return;
  constexpr int64_t kStride = kVectors * kLanes;
  for (int64_t n = 0; n < kVectors; ++n) {
    transpose_square(t.b + n * kLanes * t.b_stride + k, t.b_stride, n == kVectors - 1 ? t.last : kLanes,
                     std::min(kLanes, t.depth - k), t.packed + k * kStride + n * kLanes, kStride);
  }
}

/// Packs a panel, and takes the first rows of C along: the shuffles of a square run beside the multiply-adds of the one
/// before it. t.b lies in columns.
template <int64_t kVectors>
HWY_NOINLINE void run_transposing_tile(const Tile& t) {
  const FloatTag d;
  constexpr int64_t kEnd = (kVectors - 1) * kLanes;
  constexpr int64_t kStride = kVectors * kLanes;
  const auto last = hn::FirstN(d, static_cast<size_t>(t.last));
  FloatVec sum[kTransposingRows][kVectors];
#pragma GCC unroll 32
  for (int64_t m = 0; m < kTransposingRows; ++m) {
    const float* from = t.start + m * t.start_stride;
    for (int64_t n = 0; n < kVectors - 1; ++n) sum[m][n] = hn::LoadU(d, from + n * kLanes);
    sum[m][kVectors - 1] = hn::MaskedLoad(last, d, from + kEnd);
  }
  pack_squares<kVectors>(t, 0);
  for (int64_t k_begin = 0; k_begin < t.depth; k_begin += kLanes) {
    pack_squares<kVectors>(t, k_begin + kLanes);
    const int64_t k_end = std::min(t.depth, k_begin + kLanes);
    for (int64_t k = k_begin; k < k_end; ++k) {
      FloatVec row[kVectors];
#pragma GCC unroll 32
      for (int64_t n = 0; n < kVectors; ++n) row[n] = hn::Load(d, t.packed + k * kStride + n * kLanes);
#pragma GCC unroll 32
      for (int64_t m = 0; m < kTransposingRows; ++m) {
        const FloatVec x = hn::Set(d, t.a[m * t.a_stride + k]);
#pragma GCC unroll 32
        for (int64_t n = 0; n < kVectors; ++n) sum[m][n] = hn::MulAdd(x, row[n], sum[m][n]);
      }
    }
  }
#pragma GCC unroll 32
  for (int64_t m = 0; m < kTransposingRows; ++m) {
    float* to = t.c + m * t.c_stride;
    for (int64_t n = 0; n < kVectors - 1; ++n) hn::StoreU(sum[m][n], d, to + n * kLanes);
    hn::BlendedStore(sum[m][kVectors - 1], last, d, to + kEnd);
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
