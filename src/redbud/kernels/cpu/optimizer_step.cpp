// One update of a flat block of parameters. Adam moves 28 bytes a parameter, so all of it happens in one pass over the
// arrays. The rules stand in optimizer_*_rules-inl.h, a family each: step(column, i, w, g) gives the new weights and
// stores the rule's state.
#include "redbud/kernels/optimizer_step.h"

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/optimizer_step.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/optimizer_adam_rules-inl.h"
#include "redbud/kernels/cpu/optimizer_adaptive_rules-inl.h"
#include "redbud/kernels/cpu/optimizer_ftrl_rule-inl.h"
#include "redbud/kernels/cpu/optimizer_momentum_rules-inl.h"
#include "redbud/kernels/cpu/optimizer_walk-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

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
