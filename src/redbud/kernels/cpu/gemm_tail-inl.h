// The last few columns of C, where a whole vector across would be mostly empty: at 100 columns and 16 lanes it is a
// tenth of all work.
//
// The lanes of a vector are a few columns (kWidth) times something else: several k where A lies in rows, rows of C
// where it lies in columns. Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_TAIL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_TAIL_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_TAIL_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_TAIL_INL_H_
#endif

#include <algorithm>

#include "redbud/kernels/cpu/gemm_pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

inline constexpr int64_t kTailStep = 4;  // how many k a tile takes at a time where A lies in rows
inline constexpr int64_t kTailRows = 8;

#if HWY_TARGET == HWY_SCALAR

inline constexpr int64_t kMaxTail = 0;

#else

inline constexpr int64_t kMaxTail = kLanes / 2;

/// packed[k,n] = from[k,n] for n < cols; 0 up to kWidth, and up to the next multiple of kTailStep rows.
template <int64_t kWidth>
HWY_NOINLINE void pack_tail(const float* from, int64_t from_stride, int64_t depth, int64_t cols, float* packed) {
  const hn::CappedTag<float, kWidth> d;
  const auto mask = hn::FirstN(d, static_cast<size_t>(cols));
  for (int64_t k = 0; k < depth; ++k)
    hn::Store(hn::MaskedLoad(mask, d, from + k * from_stride), d, packed + k * kWidth);
  for (int64_t k = depth; k % kTailStep != 0; ++k) hn::Store(hn::Zero(d), d, packed + k * kWidth);
}

/// The sum of the parts of v that are kWidth lanes wide.
template <int64_t kWidth, class V>
HWY_INLINE auto fold(V v) {
  const hn::DFromV<V> d;
  if constexpr (hn::MaxLanes(d) == kWidth) {
    return v;
  } else {
    const hn::Half<hn::DFromV<V> > half;
    return fold<kWidth>(hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

/// C[m,n] = start[m,n] + sum_k A[m,k] * B[k,n] for kRows rows and t.last columns. A lies in rows, B in a packed tail. A
/// vector of sums holds every so many k.
template <int64_t kRows, int64_t kWidth>
HWY_NOINLINE void run_tail_of_rows(const Tile& t) {
  constexpr int64_t kPhases = kLanes / kWidth;
  constexpr int64_t kParts = kTailStep / kPhases;
  const FloatTag d;
  alignas(64) int32_t lane_to_k[kParts][kLanes];
  for (int64_t i = 0; i < kParts * kLanes; ++i) lane_to_k[i / kLanes][i % kLanes] = static_cast<int32_t>(i / kWidth);
  decltype(hn::SetTableIndices(d, lane_to_k[0])) spread[kParts];
  FloatVec sum[kRows];
#pragma GCC unroll 4
  for (int64_t i = 0; i < kParts; ++i) spread[i] = hn::SetTableIndices(d, lane_to_k[i]);
#pragma GCC unroll 32
  for (int64_t m = 0; m < kRows; ++m) sum[m] = hn::Zero(d);

  for (int64_t k = 0; k < t.depth; k += kTailStep) {
    const bool is_whole = k + kTailStep <= t.depth;
    const auto rest = hn::FirstN(d, static_cast<size_t>(t.depth - k));
    FloatVec w[kParts];
#pragma GCC unroll 4
    for (int64_t i = 0; i < kParts; ++i) w[i] = hn::Load(d, t.b + k * kWidth + i * kLanes);
#pragma GCC unroll 32
    for (int64_t m = 0; m < kRows; ++m) {
      const float* from = t.a + m * t.a_stride + k;
      const FloatVec x = is_whole ? hn::LoadDup128(d, from) : hn::MaskedLoad(rest, d, from);
#pragma GCC unroll 4
      for (int64_t i = 0; i < kParts; ++i) sum[m] = hn::MulAdd(hn::TableLookupLanes(x, spread[i]), w[i], sum[m]);
    }
  }

  const hn::CappedTag<float, kWidth> narrow;
  const auto mask = hn::FirstN(narrow, static_cast<size_t>(t.last));
#pragma GCC unroll 32
  for (int64_t m = 0; m < kRows; ++m) {
    const auto start = hn::MaskedLoad(mask, narrow, t.start + m * t.start_stride);
    hn::BlendedStore(hn::Add(start, fold<kWidth>(sum[m])), mask, narrow, t.c + m * t.c_stride);
  }
}

/// How many vectors along the rows of C a tile takes where A lies in columns.
template <int64_t kWidth>
inline constexpr int64_t kTailVectors = (HWY_TARGET == HWY_AVX3 ? 24 : 8) / kWidth;

/// C[m,n] (+)= sum_k A[m,k] * B[k,n] for `rows` rows (at most kVectors vectors) and t.last columns. A lies in columns,
/// B in rows.
template <int64_t kVectors, int64_t kWidth>
HWY_NOINLINE void run_tail_of_columns(const Tile& t, int64_t rows, bool accumulate) {
  const FloatTag d;
  constexpr int64_t kEnd = (kVectors - 1) * kLanes;
  const auto last = hn::FirstN(d, static_cast<size_t>(rows - kEnd));
  FloatVec sum[kWidth][kVectors];
#pragma GCC unroll 32
  for (int64_t n = 0; n < kWidth; ++n) {
#pragma GCC unroll 32
    for (int64_t v = 0; v < kVectors; ++v) sum[n][v] = hn::Zero(d);
  }
  for (int64_t k = 0; k < t.depth; ++k) {
    const float* a = t.a + k * t.a_stride;
    const float* b = t.b + k * t.b_stride;
    FloatVec x[kVectors];
#pragma GCC unroll 32
    for (int64_t v = 0; v < kVectors; ++v) {
      x[v] = v < kVectors - 1 ? hn::LoadU(d, a + v * kLanes) : hn::MaskedLoad(last, d, a + v * kLanes);
    }
#pragma GCC unroll 32
    for (int64_t n = 0; n < kWidth; ++n) {
      const FloatVec y = hn::Set(d, b[n < t.last ? n : t.last - 1]);
#pragma GCC unroll 32
      for (int64_t v = 0; v < kVectors; ++v) sum[n][v] = hn::MulAdd(x[v], y, sum[n][v]);
    }
  }
  // Columns become rows four by four: row m is at buffer[n / 4][m / kLanes][m % 4][m % kLanes / 4 * 4].
  alignas(64) float buffer[kWidth / 4][kVectors][4][kLanes];
#pragma GCC unroll 32
  for (int64_t v = 0; v < kVectors; ++v) {
#pragma GCC unroll 4
    for (int64_t n = 0; n < kWidth; n += 4) {
      FloatVec p = sum[n][v], q = sum[n + 1][v], r = sum[n + 2][v], s = sum[n + 3][v];
      transpose_blocks(p, q, r, s);
      hn::Store(p, d, buffer[n / 4][v][0]);
      hn::Store(q, d, buffer[n / 4][v][1]);
      hn::Store(r, d, buffer[n / 4][v][2]);
      hn::Store(s, d, buffer[n / 4][v][3]);
    }
  }
  const hn::CappedTag<float, 4> four;
  for (int64_t m = 0; m < rows; ++m) {
    for (int64_t n = 0; n < t.last; n += 4) {
      const auto mask = hn::FirstN(four, static_cast<size_t>(t.last - n));
      float* to = t.c + m * t.c_stride + n;
      const auto value = hn::Load(four, &buffer[n / 4][m / kLanes][m % 4][m % kLanes / 4 * 4]);
      hn::BlendedStore(accumulate ? hn::Add(value, hn::MaskedLoad(mask, four, to)) : value, mask, four, to);
    }
  }
}

template <int64_t kWidth, int64_t... kRow>
constexpr std::array<TileFunction, kTailRows + 1> make_tails_of_rows(std::integer_sequence<int64_t, kRow...>) {
  return {nullptr, run_tail_of_rows<kRow + 1, kWidth>...};
}

using ColumnTailFunction = void (*)(const Tile&, int64_t rows, bool accumulate);

template <int64_t kWidth, int64_t... kVector>
constexpr std::array<ColumnTailFunction, kTailVectors<kWidth> + 1> make_tails_of_columns(
    std::integer_sequence<int64_t, kVector...>) {
  return {nullptr, run_tail_of_columns<kVector + 1, kWidth>...};
}

/// All rows of t (of `rows`) for the last columns of C, of which there are at most kWidth.
template <int64_t kWidth>
HWY_ATTR void run_tail(Tile t, Layout a_layout, int64_t rows, bool accumulate, float* packed) {
  if (a_layout == Layout::Rows) {
    static constexpr auto kFunctions = make_tails_of_rows<kWidth>(std::make_integer_sequence<int64_t, kTailRows>());
    pack_tail<kWidth>(t.b, t.b_stride, t.depth, t.last, packed);
    t.b = packed;
    for (int64_t m = 0; m < rows; m += kTailRows) {
      kFunctions[static_cast<size_t>(std::min(kTailRows, rows - m))](t);
      t.a += kTailRows * t.a_stride;
      t.c += kTailRows * t.c_stride;
      t.start += kTailRows * t.start_stride;
    }
    return;
  }
  static constexpr auto kFunctions =
      make_tails_of_columns<kWidth>(std::make_integer_sequence<int64_t, kTailVectors<kWidth> >());
  constexpr int64_t kStep = kTailVectors<kWidth> * kLanes;
  for (int64_t m = 0; m < rows; m += kStep) {
    const int64_t now = std::min(kStep, rows - m);
    kFunctions[static_cast<size_t>((now + kLanes - 1) / kLanes)](t, now, accumulate);
    t.a += kStep;
    t.c += kStep * t.c_stride;
  }
}

#endif

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
