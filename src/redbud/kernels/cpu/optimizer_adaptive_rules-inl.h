// Rules that divide by what gradients were before: rmsprop, adagrad, adadelta, adamax.
#if defined(REDBUD_KERNELS_CPU_OPTIMIZER_ADAPTIVE_RULES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_OPTIMIZER_ADAPTIVE_RULES_INL_H_
#undef REDBUD_KERNELS_CPU_OPTIMIZER_ADAPTIVE_RULES_INL_H_
#else
#define REDBUD_KERNELS_CPU_OPTIMIZER_ADAPTIVE_RULES_INL_H_
#endif

#include "redbud/kernels/cpu/optimizer_averages-inl.h"
#include "redbud/kernels/optimizer_step.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

struct RmsPropRule {
  HWY_INLINE explicit RmsPropRule(const OptimizerStepArgs& a)
      : rate(set(a.learning_rate)),
        share(set(1.0 - a.beta2)),
        epsilon(set(a.epsilon)),
        squares(static_cast<float*>(a.second)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    const Vector s = average_of_squares(column, squares + i, share, g);
    return hn::NegMulAdd(rate, hn::Div(g, hn::Add(hn::Sqrt(s), epsilon)), w);
  }

  Vector rate;
  Vector share;
  Vector epsilon;
  float* squares;
};

struct CenteredRmsPropRule {
  HWY_INLINE explicit CenteredRmsPropRule(const OptimizerStepArgs& a)
      : rate(set(a.learning_rate)),
        share(set(1.0 - a.beta2)),
        epsilon(set(a.epsilon)),
        means(static_cast<float*>(a.first)),
        squares(static_cast<float*>(a.second)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    const Vector m = average(column, means + i, share, g);
    const Vector s = average_of_squares(column, squares + i, share, g);
    const Vector variance = hn::Max(hn::Zero(Tag()), hn::NegMulAdd(m, m, s));
    return hn::NegMulAdd(rate, hn::Div(g, hn::Add(hn::Sqrt(variance), epsilon)), w);
  }

  Vector rate;
  Vector share;
  Vector epsilon;
  float* means;
  float* squares;
};

struct AdagradRule {
  HWY_INLINE explicit AdagradRule(const OptimizerStepArgs& a)
      : rate(set(a.learning_rate)), epsilon(set(a.epsilon)), squares(static_cast<float*>(a.second)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    const Vector s = hn::MulAdd(g, g, column.load(squares + i));
    column.store(s, squares + i);
    return hn::NegMulAdd(rate, hn::Div(g, hn::Add(hn::Sqrt(s), epsilon)), w);
  }

  Vector rate;
  Vector epsilon;
  float* squares;
};

struct AdadeltaRule {
  HWY_INLINE explicit AdadeltaRule(const OptimizerStepArgs& a)
      : rate(set(a.learning_rate)),
        share(set(1.0 - a.beta2)),
        epsilon(set(a.epsilon)),
        deltas(static_cast<float*>(a.first)),
        squares(static_cast<float*>(a.second)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    const Vector s = average_of_squares(column, squares + i, share, g);
    const Vector ratio = hn::Div(hn::Add(column.load(deltas + i), epsilon), hn::Add(s, epsilon));
    const Vector delta = hn::Mul(g, hn::Sqrt(ratio));
    average_of_squares(column, deltas + i, share, delta);
    return hn::NegMulAdd(rate, delta, w);
  }

  Vector rate;
  Vector share;
  Vector epsilon;
  float* deltas;
  float* squares;
};

struct AdamaxRule {
  HWY_INLINE explicit AdamaxRule(const OptimizerStepArgs& a)
      : rate(set(a.learning_rate / a.correction1)),
        share1(set(1.0 - a.beta1)),
        beta2(set(a.beta2)),
        epsilon(set(a.epsilon)),
        means(static_cast<float*>(a.first)),
        most(static_cast<float*>(a.second)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    const Vector m = average(column, means + i, share1, g);
    const Vector u = hn::Max(hn::Mul(beta2, column.load(most + i)), hn::Add(hn::Abs(g), epsilon));
    column.store(u, most + i);
    return hn::NegMulAdd(rate, hn::Div(m, u), w);
  }

  Vector rate;
  Vector share1;
  Vector beta2;
  Vector epsilon;
  float* means;
  float* most;
};

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
