// The product of one to four rows with a matrix: bound by reading B, so B is read once, in the order in which it lies.
// Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_THIN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_THIN_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_THIN_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_THIN_INL_H_
#endif

#include "redbud/kernels/cpu/gemm_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

inline constexpr int64_t kThinRows = HWY_TARGET == HWY_SCALAR ? 0 : 4;
// The widest strip for each number of rows: its sums stay in registers.
inline constexpr std::array<int64_t, 5> kThinVectors =
    HWY_TARGET == HWY_AVX3 ? std::array<int64_t, 5>{0, 20, 12, 8, 6} : std::array<int64_t, 5>{0, 10, 5, 3, 2};

/// C[m,n] = start[m,n] + sum_k A[m,k] * B[k,n] for all rows of C, a few vectors wide. A lies in rows. Narrow strips
/// keep several sums an element, of every so many k, to hide the latency of the additions.
template <int64_t kRows, int64_t kVectors>
HWY_NOINLINE void run_thin(const Tile& t) {
  constexpr int64_t kSets = kRows * kVectors >= 5 ? 1 : kRows * kVectors >= 3 ? 2 : 4;
  const FloatTag d;
  // Where rows share a vector of B, all of its vectors have a mask: g++ would load one without a mask again for each
  // row.
  const auto last = hn::FirstN(d, static_cast<size_t>(t.last));
  const auto whole = hn::FirstN(d, static_cast<size_t>(t.last + kLanes));
  FloatVec sum[kSets][kRows][kVectors];
#pragma GCC unroll 32
  for (int64_t i = 0; i < kRows * kVectors; ++i) {
    const int64_t m = i / kVectors, n = i % kVectors;
    sum[0][m][n] = hn::MaskedLoad(n == kVectors - 1 ? last : whole, d, t.start + m * t.start_stride + n * kLanes);
#pragma GCC unroll 4
    for (int64_t s = 1; s < kSets; ++s) sum[s][m][n] = hn::Zero(d);
  }

  const float* HWY_RESTRICT b = t.b;
  const float* HWY_RESTRICT a = t.a;
  const int64_t a_stride = t.a_stride;
  for (int64_t k = 0; k < t.depth; k += kSets) {
#pragma GCC unroll 4
    for (int64_t s = 0; s < kSets; ++s) {
      if (kSets > 1 && k + s >= t.depth) break;
      FloatVec x[kRows];
#pragma GCC unroll 4
      for (int64_t m = 0; m < kRows; ++m) x[m] = hn::Set(d, a[m * a_stride + k + s]);
#pragma GCC unroll 32
      for (int64_t n = 0; n < kVectors; ++n) {
        const float* from = b + n * kLanes;
        const FloatVec w = n == kVectors - 1 ? hn::MaskedLoad(last, d, from)
                           : kRows > 1       ? hn::MaskedLoad(whole, d, from)
                                             : hn::LoadU(d, from);
#pragma GCC unroll 4
        for (int64_t m = 0; m < kRows; ++m) sum[s][m][n] = hn::MulAdd(x[m], w, sum[s][m][n]);
      }
      b += t.b_stride;
    }
  }

#pragma GCC unroll 32
  for (int64_t i = 0; i < kRows * kVectors; ++i) {
    const int64_t m = i / kVectors, n = i % kVectors;
    FloatVec total = sum[0][m][n];
#pragma GCC unroll 4
    for (int64_t s = 1; s < kSets; ++s) total = hn::Add(total, sum[s][m][n]);
    hn::BlendedStore(total, n == kVectors - 1 ? last : whole, d, t.c + m * t.c_stride + n * kLanes);
  }
}

using ThinTable = std::array<std::array<TileFunction, 21>, 5>;  // [rows][vectors]

template <int64_t kRows, int64_t... kVector>
constexpr void fill_thin(ThinTable& table, std::integer_sequence<int64_t, kVector...>) {
  ((table[kRows][kVector + 1] = run_thin<kRows, kVector + 1>), ...);
}

constexpr ThinTable make_thin() {
  ThinTable table{};
  if constexpr (kThinRows == 4) {
    fill_thin<1>(table, std::make_integer_sequence<int64_t, kThinVectors[1]>());
    fill_thin<2>(table, std::make_integer_sequence<int64_t, kThinVectors[2]>());
    fill_thin<3>(table, std::make_integer_sequence<int64_t, kThinVectors[3]>());
    fill_thin<4>(table, std::make_integer_sequence<int64_t, kThinVectors[4]>());
  }
  return table;
}

inline constexpr ThinTable kThin = make_thin();

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
