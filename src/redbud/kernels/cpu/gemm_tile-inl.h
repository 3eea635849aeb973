// The innermost loop of every matrix product: a tile of C that stays in registers while k runs.
// Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_TILE_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_TILE_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_TILE_INL_H_
#endif

#include <array>
#include <cstdint>
#include <utility>

#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "redbud/kernels/cpu/gemm.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatVec = hn::Vec<FloatTag>;
inline constexpr int64_t kLanes = HWY_TARGET == HWY_AVX3 ? 16 : HWY_TARGET == HWY_AVX2 ? 8 : 1;

// The tallest tile for 1, 2, 3, 4 vectors across: accumulators, a row of B and an element of A fit in the registers
// (32, 16, 16), and there are enough accumulators to hide the latency of a multiply-add.
inline constexpr int64_t kMaxVectors = HWY_TARGET == HWY_AVX2 ? 3 : 4;
inline constexpr std::array<int64_t, 5> kMaxRows = HWY_TARGET == HWY_AVX3   ? std::array<int64_t, 5>{0, 14, 12, 8, 6}
                                                   : HWY_TARGET == HWY_AVX2 ? std::array<int64_t, 5>{0, 12, 6, 4, 0}
                                                                            : std::array<int64_t, 5>{0, 4, 4, 3, 2};

struct Tile {
  const float* a = nullptr;  // its element [0,0]
  int64_t a_stride = 0;
  const float* b = nullptr;  // its row 0
  int64_t b_stride = 0;      // of a matrix; a packed panel is dense
  float* packed = nullptr;   // where the rows of a matrix are copied to while they pass
  const float* start = nullptr;
  int64_t start_stride = 0;
  float* c = nullptr;
  int64_t c_stride = 0;
  int64_t depth = 0;
  int64_t last = 0;  // elements of the last vector across
};

/// Where a tile finds its rows of B: in the matrix, or in a panel that was packed before, whose vectors are aligned,
/// whole and dense. The first tile of a panel can pack while it computes.
enum class BSource { Matrix, MatrixToPacked, Packed };

/// C[m,n] = start[m,n] + sum_k A[m,k] * B[k,n] for a tile.
// Every loop but that over k is unrolled, so that `sum` lies in registers. The pragma makes g++ do so early enough;
// std::min of a loop's variable, which takes its address, would prevent it.
template <int64_t kRows, int64_t kVectors, Layout kALayout, BSource kSource>
HWY_NOINLINE void run_tile(const Tile& t) {
  const FloatTag d;
  const auto last = hn::FirstN(d, static_cast<size_t>(t.last));
  constexpr int64_t kEnd = (kVectors - 1) * kLanes;
  FloatVec sum[kRows][kVectors];
#pragma GCC unroll 32
  for (int64_t m = 0; m < kRows; ++m) {
    const float* from = t.start + m * t.start_stride;
#pragma GCC unroll 32
    for (int64_t n = 0; n < kVectors - 1; ++n) sum[m][n] = hn::LoadU(d, from + n * kLanes);
    sum[m][kVectors - 1] = hn::MaskedLoad(last, d, from + kEnd);
  }

  const float* HWY_RESTRICT a = t.a;
  const float* HWY_RESTRICT b = t.b;
  float* HWY_RESTRICT packed = t.packed;
  const int64_t a_stride = t.a_stride;
  const int64_t b_stride = kSource == BSource::Packed ? kVectors * kLanes : t.b_stride;
  for (int64_t k = 0; k < t.depth; ++k) {
    FloatVec row[kVectors];
#pragma GCC unroll 32
    for (int64_t n = 0; n < kVectors; ++n) {
      if constexpr (kSource == BSource::Packed) {
        row[n] = hn::Load(d, b + n * kLanes);
      } else {
        row[n] = n < kVectors - 1 ? hn::LoadU(d, b + n * kLanes) : hn::MaskedLoad(last, d, b + n * kLanes);
      }
      if constexpr (kSource == BSource::MatrixToPacked) {
        hwy::Prefetch(b + 16 * b_stride + n * kLanes);
        hn::Store(row[n], d, packed + n * kLanes);
      }
    }
#pragma GCC unroll 32
    for (int64_t m = 0; m < kRows; ++m) {
      const FloatVec x = hn::Set(d, kALayout == Layout::Rows ? a[m * a_stride] : a[m]);
#pragma GCC unroll 32
      for (int64_t n = 0; n < kVectors; ++n) sum[m][n] = hn::MulAdd(x, row[n], sum[m][n]);
    }
    a += kALayout == Layout::Rows ? 1 : a_stride;
    b += b_stride;
    packed += kVectors * kLanes;
  }

#pragma GCC unroll 32
  for (int64_t m = 0; m < kRows; ++m) {
    float* to = t.c + m * t.c_stride;
#pragma GCC unroll 32
    for (int64_t n = 0; n < kVectors - 1; ++n) hn::StoreU(sum[m][n], d, to + n * kLanes);
    hn::BlendedStore(sum[m][kVectors - 1], last, d, to + kEnd);
  }
}

using TileFunction = void (*)(const Tile&);
using TileTable = std::array<std::array<TileFunction, 15>, 5>;  // [vectors][rows]

template <int64_t kVectors, Layout kALayout, BSource kSource, int64_t... kRow>
constexpr void fill_tiles(TileTable& table, std::integer_sequence<int64_t, kRow...>) {
  ((table[kVectors][kRow + 1] = run_tile<kRow + 1, kVectors, kALayout, kSource>), ...);
}

template <Layout kALayout, BSource kSource, int64_t... kVector>
constexpr TileTable make_tiles(std::integer_sequence<int64_t, kVector...>) {
  TileTable table{};
  if constexpr (kSource == BSource::MatrixToPacked) {  // a first tile is always of the full height
    ((table[kVector + 1][kMaxRows[kVector + 1]] = run_tile<kMaxRows[kVector + 1], kVector + 1, kALayout, kSource>),
     ...);
  } else {
    (fill_tiles<kVector + 1, kALayout, kSource>(table, std::make_integer_sequence<int64_t, kMaxRows[kVector + 1]>()),
     ...);
  }
  return table;
}

template <Layout kALayout, BSource kSource>
inline constexpr TileTable kTiles = make_tiles<kALayout, kSource>(std::make_integer_sequence<int64_t, kMaxVectors>());

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
