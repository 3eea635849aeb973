// Running averages in the state of an optimizer. They are written as a += (1 - b) * (x - a): one operation fewer than
// b * a + (1 - b) * x, and exact for a constant x.
#if defined(REDBUD_KERNELS_CPU_OPTIMIZER_AVERAGES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_OPTIMIZER_AVERAGES_INL_H_
#undef REDBUD_KERNELS_CPU_OPTIMIZER_AVERAGES_INL_H_
#else
#define REDBUD_KERNELS_CPU_OPTIMIZER_AVERAGES_INL_H_
#endif

#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// v, but 0 where it is below 1e-36. The average of gradients that have become 0 (a dead unit, a rare category) shrinks
/// until rounding holds it at a few denormal units, and every later step with it takes four times as long.
HWY_INLINE Vector without_tiny(Vector v) { return hn::IfThenZeroElse(hn::Lt(hn::Abs(v), set(1e-36)), v); }

/// old + share * (x - old), stored.
template <class Column>
HWY_INLINE Vector average(const Column column, float* state, Vector share, Vector x) {
  const Vector old = column.load(state);
  const Vector now = without_tiny(hn::MulAdd(share, hn::Sub(x, old), old));
  column.store(now, state);
  return now;
}

/// The same of x^2, which is rounded once less.
template <class Column>
HWY_INLINE Vector average_of_squares(const Column column, float* state, Vector share, Vector x) {
  const Vector old = column.load(state);
  const Vector now = without_tiny(hn::MulAdd(share, hn::MulSub(x, x, old), old));
  column.store(now, state);
  return now;
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
