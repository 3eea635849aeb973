// The sum of a function over a row: in float over at most 64 vectors at a time, and those sums in double.
#if defined(REDBUD_KERNELS_CPU_ROW_SUM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_ROW_SUM_INL_H_
#undef REDBUD_KERNELS_CPU_ROW_SUM_INL_H_
#else
#define REDBUD_KERNELS_CPU_ROW_SUM_INL_H_
#endif

#include <algorithm>

#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// Sums what term(column, k) gives over the features [0, size); lanes beyond the end must be 0.
template <class Term>
HWY_INLINE double row_sum(int64_t size, const Term& term) {
  constexpr int64_t kBlock = 64 * kLanes;
  double sum = 0.0;
  for (int64_t begin = 0; begin < size; begin += kBlock) {
    Vector part = hn::Zero(Tag());
    for_columns(begin, std::min(size, begin + kBlock),
                [&](const auto column, int64_t k) HWY_ATTR { part = hn::Add(part, term(column, k)); });
    sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(Tag(), part)));
  }
  return sum;
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
