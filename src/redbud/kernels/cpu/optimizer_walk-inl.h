// The walk that all rules of optimizers share: one pass over weights, gradients and state, with clipping, penalties and
// decay where they are asked for.
#if defined(REDBUD_KERNELS_CPU_OPTIMIZER_WALK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_OPTIMIZER_WALK_INL_H_
#undef REDBUD_KERNELS_CPU_OPTIMIZER_WALK_INL_H_
#else
#define REDBUD_KERNELS_CPU_OPTIMIZER_WALK_INL_H_
#endif

#include <limits>

#include "redbud/kernels/cpu/columns-inl.h"
#include "redbud/kernels/cpu/prefetch.h"
#include "redbud/kernels/optimizer_step.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

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

/// How many weights ahead the walk asks for those that it will write: the products of every thread have read all of
/// them.
constexpr int64_t kWeightsAhead = 256;

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
    prefetch_to_write(weights + i + kWeightsAhead);
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

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
