// adam, amsgrad, nadam and radam, and the schedule-free one.
#if defined(REDBUD_KERNELS_CPU_OPTIMIZER_ADAM_RULES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_OPTIMIZER_ADAM_RULES_INL_H_
#undef REDBUD_KERNELS_CPU_OPTIMIZER_ADAM_RULES_INL_H_
#else
#define REDBUD_KERNELS_CPU_OPTIMIZER_ADAM_RULES_INL_H_
#endif

#include <cmath>

#include "redbud/kernels/cpu/optimizer_averages-inl.h"
#include "redbud/kernels/optimizer_step.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// adam and its kin, with the corrections drawn out of the vectors:
///   adam  lr * sqrt(c2) / c1 * m / (sqrt(v) + eps * sqrt(c2))
/// nadam takes a share of m and one of g instead of m; amsgrad divides by the greatest v; radam has its rectifier, or
/// no denominator yet.
template <OptimizerStepProblem::Rule kRule>
struct AdamRule {
  using Rule = OptimizerStepProblem::Rule;

  HWY_INLINE explicit AdamRule(const OptimizerStepArgs& a)
      : rate(set(a.learning_rate * factor(a))),
        share1(set(1.0 - a.beta1)),
        share2(set(1.0 - a.beta2)),
        of_mean(set(a.beta1 / a.next_correction1)),
        of_gradient(set((1.0 - a.beta1) / a.correction1)),
        epsilon(set(a.epsilon * (kRule == Rule::RAdam ? 1.0 : std::sqrt(a.correction2)))),
        is_adapted(kRule != Rule::RAdam || a.rectifier > 0.0),
        means(static_cast<float*>(a.first)),
        squares(static_cast<float*>(a.second)),
        most(static_cast<float*>(a.third)) {}

  static double factor(const OptimizerStepArgs& a) {
    const double root = std::sqrt(a.correction2);
    if (kRule == Rule::Nadam) return root;
    if (kRule == Rule::RAdam) return (a.rectifier > 0.0 ? a.rectifier * root : 1.0) / a.correction1;
    return root / a.correction1;
  }

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    Vector m = average(column, means + i, share1, g);
    Vector v = average_of_squares(column, squares + i, share2, g);
    if constexpr (kRule == Rule::Nadam) m = hn::MulAdd(of_gradient, g, hn::Mul(of_mean, m));
    if constexpr (kRule == Rule::AmsGrad) {
      v = hn::Max(v, column.load(most + i));
      column.store(v, most + i);
    }
    return hn::NegMulAdd(rate, is_adapted ? hn::Div(m, hn::Add(hn::Sqrt(v), epsilon)) : m, w);
  }

  Vector rate;
  Vector share1;
  Vector share2;
  Vector of_mean, of_gradient;  // nadam
  Vector epsilon;
  bool is_adapted;
  float* means;
  float* squares;
  float* most;
};

struct ScheduleFreeRule {
  static constexpr bool kOwnDecay = true;

  HWY_INLINE explicit ScheduleFreeRule(const OptimizerStepArgs& a)
      : rate(set(a.learning_rate)),
        rate_of_weight(set(a.learning_rate * (1.0 - a.beta1 * (1.0 - a.share)))),
        share(set(a.share)),
        share2(set(1.0 - a.beta2)),
        root(set(1.0 / std::sqrt(a.correction2))),
        epsilon(set(a.epsilon)),
        decay(set(a.weight_decay)),
        is_first(a.first_step),
        bases(static_cast<float*>(a.first)),
        squares(static_cast<float*>(a.second)) {}

  template <class Column>
  HWY_INLINE Vector step(const Column column, int64_t i, Vector w, Vector g) const {
    const Vector v = average_of_squares(column, squares + i, share2, g);
    const Vector d = hn::MulAdd(decay, w, hn::Div(g, hn::MulAdd(hn::Sqrt(v), root, epsilon)));
    const Vector z = is_first ? w : column.load(bases + i);
    column.store(hn::NegMulAdd(rate, d, z), bases + i);
    return hn::NegMulAdd(rate_of_weight, d, hn::MulAdd(share, hn::Sub(z, w), w));
  }

  Vector rate;
  Vector rate_of_weight;
  Vector share;
  Vector share2;
  Vector root;
  Vector epsilon;
  Vector decay;
  bool is_first;
  float* bases;
  float* squares;
};

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
