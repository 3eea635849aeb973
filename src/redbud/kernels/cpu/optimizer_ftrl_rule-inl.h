// ftrl, which has its penalties in its step.
#if defined(REDBUD_KERNELS_CPU_OPTIMIZER_FTRL_RULE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_OPTIMIZER_FTRL_RULE_INL_H_
#undef REDBUD_KERNELS_CPU_OPTIMIZER_FTRL_RULE_INL_H_
#else
#define REDBUD_KERNELS_CPU_OPTIMIZER_FTRL_RULE_INL_H_
#endif

#include <algorithm>

#include "redbud/kernels/cpu/columns-inl.h"
#include "redbud/kernels/optimizer_step.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// See the contract; all but its root is two products and a division.
struct FtrlRule {
  static constexpr bool kOwnPenalties = true;

  HWY_INLINE explicit FtrlRule(const OptimizerStepArgs& a)
      : inverse_rate(set(1.0 / std::max(a.learning_rate, 1e-20))),
        beta(set(a.beta)),
        l1(set(a.l1)),
        l2(set(a.l2)),
        l1_before(set(a.first_step ? 0.0 : a.l1)),
        l2_before(set(a.first_step ? 0.0 : a.l2)),
        first(set(a.first_step ? 1.0 : 0.0)),
        duals(static_cast<float*>(a.first)),
        squares(static_cast<float*>(a.second)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    const Vector n = hn::MulAdd(g, g, column.load(squares + i));
    column.store(n, squares + i);
    const Vector q = hn::Mul(hn::Max(hn::Add(hn::Sqrt(n), beta), set(1e-12)), inverse_rate);
    const Vector known = hn::MulAdd(w, hn::Add(q, l2_before), hn::CopySign(l1_before, w));
    const auto is_known = hn::Ne(hn::Add(hn::Abs(w), first), hn::Zero(Tag()));
    const Vector v = hn::Sub(hn::IfThenElse(is_known, known, column.load(duals + i)), g);
    column.store(v, duals + i);
    return hn::IfThenZeroElse(hn::Le(hn::Abs(v), l1), hn::Div(hn::Sub(v, hn::CopySign(l1, v)), hn::Add(q, l2)));
  }

  Vector inverse_rate;
  Vector beta;
  Vector l1, l2;
  Vector l1_before, l2_before;  // that the weights have seen
  Vector first;                 // 1 in the first step
  float* duals;
  float* squares;
};

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
