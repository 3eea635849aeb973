#include "redbud/kernels/cpu/loss_rows.h"
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/sigmoid_cross_entropy.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/row_sum-inl.h"
#include "redbud/kernels/cpu/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_FLATTEN double sigmoid_cross_entropy_rows(const LossProblem& p, const LossArgs& a, double inverse_sum,
                                              int64_t begin, int64_t end) {
  const Vector one = set(1.0);
  const Vector zero = hn::Zero(Tag());
  double loss = 0.0;
  for (int64_t n = begin; n < end; ++n) {
    const float* s = a.scores.row<float>(n);
    const float* t = a.target.row<float>(n);
    float* ds = p.gradient ? a.dscores.row<float>(n) : nullptr;
    const double share = row_share(p, a, inverse_sum, n);
    const Vector factor = set(share);
    loss += share * row_sum(p.outputs, [=](const auto column, int64_t k) HWY_ATTR {
              const Vector score = column.load(s + k);
              const Vector target = column.load(t + k);
              const Vector e = exp(Tag(), hn::Neg(hn::Abs(score)));
              if (ds != nullptr) {
                const auto negative = hn::Lt(score, zero);
                const Vector probability = hn::Div(hn::IfThenElse(negative, e, one), hn::Add(one, e));
                column.store(hn::Mul(hn::Sub(probability, target), factor), ds + k);
              }
              const Vector linear = hn::NegMulAdd(score, target, hn::IfThenZeroElse(hn::Lt(score, zero), score));
              return column.without_padding(hn::Add(linear, log1p_unit(Tag(), e)));
            });
  }
  return loss;
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(sigmoid_cross_entropy_rows);

void run(const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
  run_loss_rows(HWY_DYNAMIC_DISPATCH(sigmoid_cross_entropy_rows), p, a, pool);
}

}  // namespace

const LossKernel sigmoid_cross_entropy{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
