// What softmax and its cross-entropy share.
#if defined(REDBUD_KERNELS_CPU_SOFTMAX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_SOFTMAX_INL_H_
#undef REDBUD_KERNELS_CPU_SOFTMAX_INL_H_
#else
#define REDBUD_KERNELS_CPU_SOFTMAX_INL_H_
#endif

#include <limits>

#include "redbud/kernels/cpu/row_sum-inl.h"
#include "redbud/kernels/cpu/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_INLINE Vector row_maximum(const float* s, int64_t size) {
  const Vector lowest = set(-std::numeric_limits<double>::infinity());
  Vector largest = lowest;
  for_columns(0, size, [&](const auto column, int64_t k) HWY_ATTR {
    largest = hn::Max(largest, column.load_padded(s + k, lowest));
  });
  return hn::MaxOfLanes(Tag(), largest);
}

/// The sum of exp(s[k] - largest); the exponentials go to `to` unless it is null. to may be s.
HWY_INLINE double sum_exponentials(const float* s, int64_t size, Vector largest, float* to) {
  return row_sum(size, [=](const auto column, int64_t k) HWY_ATTR {
    const Vector e = exp(Tag(), hn::Sub(column.load_padded(s + k, largest), largest));
    if (to != nullptr) column.store(e, to + k);
    return column.without_padding(e);
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
