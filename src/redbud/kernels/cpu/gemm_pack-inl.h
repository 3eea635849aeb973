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
HWY_INLINE HWY_ATTR void transpose_blocks(FloatVec* v) {
  const FloatTag d;
  const hn::Repartition<double, FloatTag> dd;
  const auto low01 = hn::BitCast(dd, hn::InterleaveLower(d, v[0], v[1]));  // v0[0] v1[0] v0[1] v1[1]
  const auto high01 = hn::BitCast(dd, hn::InterleaveUpper(d, v[0], v[1]));
  const auto low23 = hn::BitCast(dd, hn::InterleaveLower(d, v[2], v[3]));
  const auto high23 = hn::BitCast(dd, hn::InterleaveUpper(d, v[2], v[3]));
  v[0] = hn::BitCast(d, hn::InterleaveLower(dd, low01, low23));
  v[1] = hn::BitCast(d, hn::InterleaveUpper(dd, low01, low23));
  v[2] = hn::BitCast(d, hn::InterleaveLower(dd, high01, high23));
  v[3] = hn::BitCast(d, hn::InterleaveUpper(dd, high01, high23));
}

#endif

/// kLanes vectors of kLanes elements.
struct Square {
  FloatVec row[kLanes];
};

/// Exchanges the 128-bit blocks themselves: block j of row 4i + r with block i of row 4j + r.
HWY_INLINE HWY_ATTR void exchange_blocks(Square& s) {
#if HWY_TARGET == HWY_AVX3
  const FloatTag d;
  unroll<4>([&](auto r) HWY_ATTR {
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
  unroll<4>([&](auto r) HWY_ATTR {
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
    unroll<kLanes>([&](auto r) HWY_ATTR {
      s.row[r] = hn::LoadU(d, from + r * from_stride);
      hwy::Prefetch(from + r * from_stride + 4 * kLanes);
    });
  } else {
    const auto mask = hn::FirstN(d, static_cast<size_t>(cols));
    const auto none = hn::FirstN(d, 0);
    unroll<kLanes>([&](auto r) HWY_ATTR {
      s.row[r] = hn::MaskedLoad(r < rows ? mask : none, d, from + std::min<int64_t>(r, rows - 1) * from_stride);
    });
  }
#if HWY_TARGET != HWY_SCALAR
  unroll<kLanes / 4>([&](auto i) HWY_ATTR { transpose_blocks(s.row + 4 * i); });
#endif
  exchange_blocks(s);
  unroll<kLanes>([&](auto k) HWY_ATTR { hn::Store(s.row[k], d, to + k * to_stride); });
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

/// The height of the tile that transposes while it computes: its sums and a square fit in the registers together.
inline constexpr int64_t kTransposingRows = HWY_TARGET == HWY_AVX3 ? 6 : HWY_TARGET == HWY_AVX2 ? 3 : 1;

/// Packs a panel, and takes the first rows of C along: the shuffles of a square run beside the multiply-adds of the one
/// before it. t.b lies in columns.
template <int64_t kVectors>
HWY_NOINLINE HWY_ATTR void run_transposing_tile(const Tile& t) {
  const FloatTag d;
  constexpr int64_t kEnd = (kVectors - 1) * kLanes;
  constexpr int64_t kStride = kVectors * kLanes;
  const auto last = hn::FirstN(d, static_cast<size_t>(t.last));
  FloatVec sum[kTransposingRows][kVectors];
  unroll<kTransposingRows>([&](auto m) HWY_ATTR {
    const float* from = t.start + m * t.start_stride;
    unroll<kVectors - 1>([&](auto n) HWY_ATTR { sum[m][n] = hn::LoadU(d, from + n * kLanes); });
    sum[m][kVectors - 1] = hn::MaskedLoad(last, d, from + kEnd);
  });
  const auto transpose = [&](int64_t k) HWY_ATTR __attribute__((always_inline)) {
    for (int64_t n = 0; n < kVectors; ++n) {
      transpose_square(t.b + n * kLanes * t.b_stride + k, t.b_stride, n == kVectors - 1 ? t.last : kLanes,
                       std::min(kLanes, t.depth - k), t.packed + k * kStride + n * kLanes, kStride);
    }
  };
  transpose(0);
  for (int64_t k_begin = 0; k_begin < t.depth; k_begin += kLanes) {
    if (k_begin + kLanes < t.depth) transpose(k_begin + kLanes);
    const int64_t k_end = std::min(t.depth, k_begin + kLanes);
    for (int64_t k = k_begin; k < k_end; ++k) {
      FloatVec row[kVectors];
      unroll<kVectors>([&](auto n) HWY_ATTR { row[n] = hn::Load(d, t.packed + k * kStride + n * kLanes); });
      unroll<kTransposingRows>([&](auto m) HWY_ATTR {
        const FloatVec x = hn::Set(d, t.a[m * t.a_stride + k]);
        unroll<kVectors>([&](auto n) HWY_ATTR { sum[m][n] = hn::MulAdd(x, row[n], sum[m][n]); });
      });
    }
  }
  unroll<kTransposingRows>([&](auto m) HWY_ATTR {
    float* to = t.c + m * t.c_stride;
    unroll<kVectors - 1>([&](auto n) HWY_ATTR { hn::StoreU(sum[m][n], d, to + n * kLanes); });
    hn::BlendedStore(sum[m][kVectors - 1], last, d, to + kEnd);
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
