// Vector-wide columns of a row-major matrix: what kernels share that walk down the rows, one vector of features at a
// time.
#if defined(REDBUD_KERNELS_CPU_COLUMNS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_COLUMNS_INL_H_
#undef REDBUD_KERNELS_CPU_COLUMNS_INL_H_
#else
#define REDBUD_KERNELS_CPU_COLUMNS_INL_H_
#endif

#include <cstdint>
#include <type_traits>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Tag()));

HWY_INLINE Vector set(double value) { return hn::Set(Tag(), static_cast<float>(value)); }

/// The features that one vector holds: all lanes, or, at the end of a row, the first `count` of them. Never touches
/// memory beyond.
template <bool kPartial>
class Column {
 public:
  HWY_INLINE explicit Column(int64_t count) : count_(count), mask_(hn::FirstN(Tag(), static_cast<size_t>(count))) {}

  HWY_INLINE Vector load(const float* from) const {
    if constexpr (kPartial) {
      return hn::MaskedLoad(mask_, Tag(), from);
    } else {
      return hn::LoadU(Tag(), from);
    }
  }

  /// The lanes beyond the end hold `otherwise`.
  HWY_INLINE Vector load_padded(const float* from, Vector otherwise) const {
    return kPartial ? hn::IfThenElse(mask_, load(from), otherwise) : load(from);
  }

  /// v with 0 in the lanes beyond the end.
  HWY_INLINE Vector without_padding(Vector v) const { return kPartial ? hn::IfThenElseZero(mask_, v) : v; }

  /// The lanes of an array that may be left out.
  HWY_INLINE Vector load_or(const void* array, int64_t k, double otherwise) const {
    return array != nullptr ? load(static_cast<const float*>(array) + k) : set(otherwise);
  }

  HWY_INLINE void store(Vector v, float* to) const {
    if constexpr (kPartial) {
      hn::BlendedStore(v, mask_, Tag(), to);
    } else {
      hn::StoreU(v, Tag(), to);
    }
  }

  /// The lanes that a dropout mask keeps: `bits` is the mask's row, k the feature in the first lane.
  HWY_INLINE hn::Mask<Tag> kept(const uint8_t* bits, int64_t k) const {
    if constexpr (kLanes >= 8 && !kPartial) {
      return hn::LoadMaskBits(Tag(), bits + k / 8);
    } else {
      uint64_t word = static_cast<uint64_t>(bits[k / 8]) >> (k % 8);
      if (kLanes > 8 && count_ > 8) word |= static_cast<uint64_t>(bits[k / 8 + 1]) << 8;
      return hn::LoadMaskBits(Tag(), reinterpret_cast<const uint8_t*>(&word));
    }
  }

 private:
  int64_t count_;
  hn::Mask<Tag> mask_;
};

/// Calls body(column, k) for every vector of the features [begin, end).
template <class Body>
HWY_INLINE void for_columns(int64_t begin, int64_t end, const Body& body) {
  int64_t k = begin;
  for (; k + kLanes <= end; k += kLanes) body(Column<false>(kLanes), k);
  if constexpr (kLanes > 1) {
    if (k < end) body(Column<true>(end - k), k);
  }
}

/// Calls body(integral_constant<int, i>) for i = 0 ... kCount - 1, spelled out, so that arrays of vectors stay in
/// registers.
template <int kCount, class Body>
HWY_INLINE void unroll(const Body& body) {
  if constexpr (kCount > 1) unroll<kCount - 1>(body);
  body(std::integral_constant<int, kCount - 1>());
}

/// Calls body(column, integral_constant<int, kVectors>, k) for groups of 4, 2 and 1 vectors of the features [begin,
/// end). Rows are then read in longer stretches than a vector: with a stride that is a power of two, the rows of a
/// single vector share a few sets of the cache.
template <class Body>
HWY_INLINE void for_column_groups(int64_t begin, int64_t end, const Body& body) {
  const Column<false> whole(kLanes);
  int64_t k = begin;
  if constexpr (kLanes > 1) {
    for (; k + 4 * kLanes <= end; k += 4 * kLanes) body(whole, std::integral_constant<int, 4>(), k);
    for (; k + 2 * kLanes <= end; k += 2 * kLanes) body(whole, std::integral_constant<int, 2>(), k);
  }
  for (; k + kLanes <= end; k += kLanes) body(whole, std::integral_constant<int, 1>(), k);
  if constexpr (kLanes > 1) {
    if (k < end) body(Column<true>(end - k), std::integral_constant<int, 1>(), k);
  }
}

/// Running sums down a group of columns, in one order: with fewer than 4 vectors, row n goes to chain n % kChains of
/// its column (what is left of the rows, to the first), so that one addition need not wait for the other.
template <int kVectors>
struct Sums {
  static constexpr int kChains = 4 / kVectors;

  HWY_INLINE Sums() {
    for (Vector& sum : part) sum = hn::Zero(Tag());
  }
  HWY_INLINE Vector& at(int vector, int chain) { return part[vector * kChains + chain]; }
  HWY_INLINE Vector total(int vector) const {
    const Vector* chain = part + vector * kChains;
    if constexpr (kChains == 1) return chain[0];
    if constexpr (kChains == 2) return hn::Add(chain[0], chain[1]);
    if constexpr (kChains == 4) return hn::Add(hn::Add(chain[0], chain[1]), hn::Add(chain[2], chain[3]));
  }

  Vector part[4];
};

/// Calls body(n, chain) for all rows.
template <int kChains, class Body>
HWY_INLINE void for_rows(int64_t rows, const Body& body) {
  int64_t n = 0;
  for (; n + kChains <= rows; n += kChains) {
    unroll<kChains>([&](auto chain) HWY_ATTR { body(n + chain(), chain); });
  }
  for (; n < rows; ++n) body(n, std::integral_constant<int, 0>());
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
