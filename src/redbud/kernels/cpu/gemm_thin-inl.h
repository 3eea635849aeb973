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
HWY_NOINLINE HWY_ATTR void run_thin(const Tile& t) {
  constexpr int64_t kSets = kRows * kVectors >= 5 ? 1 : kRows * kVectors >= 3 ? 2 : 4;
  constexpr int64_t kEnd = (kVectors - 1) * kLanes;
  const FloatTag d;
  const auto last = hn::FirstN(d, static_cast<size_t>(t.last));
  FloatVec sum[kSets][kRows][kVectors];
  unroll<kRows>([&](auto m) HWY_ATTR {
    const float* from = t.start + m * t.start_stride;
    unroll<kVectors - 1>([&](auto n) HWY_ATTR { sum[0][m][n] = hn::LoadU(d, from + n * kLanes); });
    sum[0][m][kVectors - 1] = hn::MaskedLoad(last, d, from + kEnd);
    unroll<kSets - 1>([&](auto s)
                          HWY_ATTR { unroll<kVectors>([&](auto n) HWY_ATTR { sum[s + 1][m][n] = hn::Zero(d); }); });
  });

  const float* HWY_RESTRICT b = t.b;
  // All lanes, but g++ can't know: it would load a w without a mask again for every row.
  const auto whole = hn::FirstN(d, static_cast<size_t>(t.last + kLanes));
  const auto add_row = [&](int64_t k, auto s) HWY_ATTR __attribute__((always_inline)) {
    FloatVec x[kRows];
    unroll<kRows>([&](auto m) HWY_ATTR { x[m] = hn::Set(d, t.a[m * t.a_stride + k]); });
    unroll<kVectors>([&](auto n) HWY_ATTR {
      FloatVec w;
      if constexpr (n == kVectors - 1) {
        w = hn::MaskedLoad(last, d, b + kEnd);
      } else if constexpr (kRows > 1) {
        w = hn::MaskedLoad(whole, d, b + n * kLanes);
      } else {
        w = hn::LoadU(d, b + n * kLanes);
      }
      unroll<kRows>([&](auto m) HWY_ATTR { sum[s][m][n] = hn::MulAdd(x[m], w, sum[s][m][n]); });
    });
    b += t.b_stride;
  };
  int64_t k = 0;
  for (; k + kSets <= t.depth; k += kSets) {
    unroll<kSets>([&](auto s) HWY_ATTR { add_row(k + s, s); });
  }
  for (; k < t.depth; ++k) add_row(k, std::integral_constant<int64_t, 0>());

  unroll<kRows>([&](auto m) HWY_ATTR {
    float* to = t.c + m * t.c_stride;
    unroll<kVectors>([&](auto n) HWY_ATTR {
      FloatVec total = sum[0][m][n];
      unroll<kSets - 1>([&](auto s) HWY_ATTR { total = hn::Add(total, sum[s + 1][m][n]); });
      if constexpr (n < kVectors - 1) {
        hn::StoreU(total, d, to + n * kLanes);
      } else {
        hn::BlendedStore(total, last, d, to + n * kLanes);
      }
    });
  });
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
