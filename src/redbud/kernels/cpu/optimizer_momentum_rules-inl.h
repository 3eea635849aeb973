// Rules that go by the gradient or its average: sgd, momentum, nesterov, lion.
#if defined(REDBUD_KERNELS_CPU_OPTIMIZER_MOMENTUM_RULES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_OPTIMIZER_MOMENTUM_RULES_INL_H_
#undef REDBUD_KERNELS_CPU_OPTIMIZER_MOMENTUM_RULES_INL_H_
#else
#define REDBUD_KERNELS_CPU_OPTIMIZER_MOMENTUM_RULES_INL_H_
#endif

#include "redbud/kernels/cpu/optimizer_averages-inl.h"
#include "redbud/kernels/optimizer_step.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

struct SgdRule {
  HWY_INLINE explicit SgdRule(const OptimizerStepArgs& a) : rate(set(a.learning_rate)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column, int64_t, Vector w, Vector g) const {
    return hn::NegMulAdd(rate, g, w);
  }

  Vector rate;
};

template <bool kNesterov>
struct MomentumRule {
  HWY_INLINE explicit MomentumRule(const OptimizerStepArgs& a)
      : rate(set(a.learning_rate)), momentum(set(a.beta1)), velocity(static_cast<float*>(a.first)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    const Vector v = without_tiny(hn::MulAdd(momentum, column.load(velocity + i), g));
    column.store(v, velocity + i);
    return hn::NegMulAdd(rate, kNesterov ? hn::MulAdd(momentum, v, g) : v, w);
  }

  Vector rate;
  Vector momentum;
  float* velocity;
};

struct LionRule {
  HWY_INLINE explicit LionRule(const OptimizerStepArgs& a)
      : rate(set(a.learning_rate)),
        share1(set(1.0 - a.beta1)),
        share2(set(1.0 - a.beta2)),
        means(static_cast<float*>(a.first)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    const Vector old = column.load(means + i);
    const Vector direction = hn::MulAdd(share1, hn::Sub(g, old), old);
    average(column, means + i, share2, g);
    return hn::Sub(w, hn::IfThenElseZero(hn::Ne(direction, hn::Zero(Tag())), hn::CopySign(rate, direction)));
  }

  Vector rate;
  Vector share1;
  Vector share2;
  float* means;
};

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
