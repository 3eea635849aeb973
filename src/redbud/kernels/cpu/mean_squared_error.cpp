#include "redbud/kernels/cpu/loss_rows.h"
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/mean_squared_error.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/row_sum-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_FLATTEN double mean_squared_error_rows(const LossProblem& p, const LossArgs& a, double inverse_sum, int64_t begin,
                                           int64_t end) {
  double loss = 0.0;
  for (int64_t n = begin; n < end; ++n) {
    const float* s = a.scores.row<float>(n);
    const float* t = a.target.row<float>(n);
    float* ds = p.gradient ? a.dscores.row<float>(n) : nullptr;
    const double share = row_share(p, a, inverse_sum, n) / static_cast<double>(p.outputs);
    const Vector factor = set(2.0 * share);
    loss += share * row_sum(p.outputs, [=](const auto column, int64_t k) HWY_ATTR {
              const Vector difference = hn::Sub(column.load(s + k), column.load(t + k));
              if (ds != nullptr) column.store(hn::Mul(difference, factor), ds + k);
              return hn::Mul(difference, difference);
            });
  }
  return loss;
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(mean_squared_error_rows);

void run(const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
  run_loss_rows(HWY_DYNAMIC_DISPATCH(mean_squared_error_rows), p, a, pool);
}

}  // namespace

const LossKernel mean_squared_error{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
