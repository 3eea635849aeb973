// Vector-wide columns of a row-major matrix: what kernels share that walk down the rows, one vector of features at a time.
#if defined(REDBUD_KERNELS_CPU_COLUMNS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_COLUMNS_INL_H_
#undef REDBUD_KERNELS_CPU_COLUMNS_INL_H_
#else
#define REDBUD_KERNELS_CPU_COLUMNS_INL_H_
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Tag()));

HWY_INLINE Vector set(double value) { return hn::Set(Tag(), static_cast<float>(value)); }

/// The features that one vector holds: all lanes, or, at the end of a row, the first `count` of them. Never touches memory beyond.
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
  if (k < end) body(Column<true>(end - k), k);
}

/// Four running sums that are added in one order: row n goes to sum n % 4 (its first multiple of 4 rows; the rest to the first).
struct Sums {
  HWY_INLINE Sums() {
    for (Vector& sum : part) sum = hn::Zero(Tag());
  }
  HWY_INLINE Vector total() const { return hn::Add(hn::Add(part[0], part[1]), hn::Add(part[2], part[3])); }

  Vector part[4];
};

/// Calls body(n, i) for all rows, i being the number of the row's running sum.
template <class Body>
HWY_INLINE void for_rows(int64_t rows, const Body& body) {
  int64_t n = 0;
  for (; n + 4 <= rows; n += 4) {
    body(n, 0);
    body(n + 1, 1);
    body(n + 2, 2);
    body(n + 3, 3);
  }
  for (; n < rows; ++n) body(n, 0);
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
