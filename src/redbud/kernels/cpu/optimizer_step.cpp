// One update of a flat block of parameters. Adam moves 28 bytes a parameter, so all of it happens in one pass over the
// arrays. Averages are written as a += (1 - b) * (x - a): one operation fewer than b * a + (1 - b) * x, and exact for a
// constant x.
#include "redbud/kernels/optimizer_step.h"

#include <cmath>
#include <limits>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/optimizer_step.cpp"
#include "hwy/foreach_target.h"
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

// A rule: step(column, i, w, g) gives the new weights and stores its state.

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

// What a rule does itself, and the shaping therefore leaves.
template <class Rule>
concept HasOwnPenalties = Rule::kOwnPenalties;
template <class Rule>
concept HasOwnDecay = Rule::kOwnDecay;

/// Clipping, penalties and decay.
struct Shaping {
  HWY_INLINE explicit Shaping(const OptimizerStepArgs& a)
      : limit(set(a.clip_value > 0.0 ? a.clip_value : std::numeric_limits<double>::infinity())),
        l1(set(a.learning_rate * a.l1)),
        l2(set(a.l2)),
        decay(set(a.learning_rate * a.weight_decay)) {}

  HWY_INLINE Vector clipped(Vector g) const { return hn::Max(hn::Neg(limit), hn::Min(limit, g)); }
  HWY_INLINE Vector gradient(Vector g, Vector w) const { return hn::MulAdd(l2, w, clipped(g)); }
  HWY_INLINE Vector weight(Vector w) const { return hn::NegMulAdd(decay, w, w); }
  /// The proximal step of l1: what is within it goes off w, so that w - w = +0 where all of it is. NaN stays NaN.
  HWY_INLINE Vector shrunk(Vector w) const { return hn::Sub(w, hn::Max(hn::Neg(l1), hn::Min(l1, w))); }

  Vector limit;
  Vector l1;
  Vector l2;
  Vector decay;
};

/// How much of the shaping a call asks for: what it doesn't is not computed.
enum class Shape { None, Penalties, Sparse };

template <Shape kShape, class Rule>
HWY_INLINE void update(const OptimizerStepArgs& a, int64_t begin, int64_t end) {
  const Rule rule(a);
  const Shaping shaping(a);
  const Vector scale = set(a.gradient_scale);
  float* weights = static_cast<float*>(a.w);
  const float* gradients = static_cast<const float*>(a.g);
  for_columns(begin, end, [=](const auto column, int64_t i) HWY_ATTR {
    const Vector w = column.load(weights + i);
    const Vector g = hn::Mul(column.load(gradients + i), scale);
    if constexpr (HasOwnPenalties<Rule>) {
      column.store(rule.step(column, i, shaping.weight(w), shaping.clipped(g)), weights + i);
    } else if constexpr (HasOwnDecay<Rule>) {
      column.store(rule.step(column, i, w, shaping.gradient(g, w)), weights + i);
    } else if constexpr (kShape != Shape::None) {
      const Vector moved = rule.step(column, i, shaping.weight(w), shaping.gradient(g, w));
      column.store(kShape == Shape::Sparse ? shaping.shrunk(moved) : moved, weights + i);
    } else {
      column.store(rule.step(column, i, w, g), weights + i);
    }
  });
}

template <class Rule>
HWY_INLINE void update_shaped_or_not(const OptimizerStepArgs& a, int64_t begin, int64_t end) {
  if (a.l1 != 0.0) {
    update<Shape::Sparse, Rule>(a, begin, end);
  } else if (a.clip_value > 0.0 || a.l2 != 0.0 || a.weight_decay != 0.0) {
    update<Shape::Penalties, Rule>(a, begin, end);
  } else {
    update<Shape::None, Rule>(a, begin, end);
  }
}

/// The direction of lamb, into an array of its own.
HWY_INLINE void find_direction(OptimizerStepArgs a, int64_t begin, int64_t end) {
  a.learning_rate = 1.0;
  const AdamRule<OptimizerStepProblem::Rule::Adam> rule(a);
  const Shaping shaping(a);
  const Vector scale = set(a.gradient_scale);
  const float* weights = static_cast<const float*>(a.w);
  const float* gradients = static_cast<const float*>(a.g);
  float* directions = static_cast<float*>(a.direction);
  for_columns(begin, end, [=](const auto column, int64_t i) HWY_ATTR {
    const Vector w = column.load(weights + i);
    const Vector g = shaping.gradient(hn::Mul(column.load(gradients + i), scale), w);
    column.store(rule.step(column, i, hn::Neg(hn::Mul(shaping.decay, w)), g), directions + i);
  });
}

HWY_FLATTEN void update_range(const OptimizerStepProblem& p, const OptimizerStepArgs& a, int64_t begin, int64_t end) {
  using Rule = OptimizerStepProblem::Rule;
  switch (p.rule) {
    case Rule::Sgd:
      return update_shaped_or_not<SgdRule>(a, begin, end);
    case Rule::Momentum:
      return update_shaped_or_not<MomentumRule<false>>(a, begin, end);
    case Rule::Nesterov:
      return update_shaped_or_not<MomentumRule<true>>(a, begin, end);
    case Rule::RmsProp:
      return update_shaped_or_not<RmsPropRule>(a, begin, end);
    case Rule::CenteredRmsProp:
      return update_shaped_or_not<CenteredRmsPropRule>(a, begin, end);
    case Rule::Adagrad:
      return update_shaped_or_not<AdagradRule>(a, begin, end);
    case Rule::Adadelta:
      return update_shaped_or_not<AdadeltaRule>(a, begin, end);
    case Rule::Adam:
      return update_shaped_or_not<AdamRule<Rule::Adam>>(a, begin, end);
    case Rule::Adamax:
      return update_shaped_or_not<AdamaxRule>(a, begin, end);
    case Rule::Nadam:
      return update_shaped_or_not<AdamRule<Rule::Nadam>>(a, begin, end);
    case Rule::AmsGrad:
      return update_shaped_or_not<AdamRule<Rule::AmsGrad>>(a, begin, end);
    case Rule::RAdam:
      return update_shaped_or_not<AdamRule<Rule::RAdam>>(a, begin, end);
    case Rule::Lion:
      return update_shaped_or_not<LionRule>(a, begin, end);
    case Rule::Lamb:
      return find_direction(a, begin, end);
    case Rule::Ftrl:
      return update<Shape::Sparse, FtrlRule>(a, begin, end);
    case Rule::ScheduleFree:
      return update<Shape::Penalties, ScheduleFreeRule>(a, begin, end);
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(update_range);

constexpr int64_t kGrain = 8 * 1024;  // four arrays of 32 KiB, 3 us of adam

void run(const OptimizerStepProblem& p, const OptimizerStepArgs& a, ThreadPool& pool) {
  const auto range = HWY_DYNAMIC_DISPATCH(update_range);
  pool.for_ranges(p.size, kGrain, [&](int64_t begin, int64_t end) { range(p, a, begin, end); });
}

}  // namespace

const Kernel<OptimizerStepProblem, OptimizerStepArgs> optimizer_step{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
