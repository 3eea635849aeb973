#include <cmath>

#include "redbud/kernels/cpu/loss_rows.h"
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/softmax_cross_entropy.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/softmax-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_FLATTEN double softmax_cross_entropy_rows(const LossProblem& p, const LossArgs& a, double inverse_sum,
                                              int64_t begin, int64_t end) {
  const int64_t outputs = p.outputs;
  double loss = 0.0;
  for (int64_t n = begin; n < end; ++n) {
    const float* s = a.scores.row<float>(n);
    float* ds = p.gradient ? a.dscores.row<float>(n) : nullptr;
    const int32_t target = *a.target.row<int32_t>(n);
    const double share = row_share(p, a, inverse_sum, n);
    const Vector largest = row_maximum(s, outputs);
    const double score = static_cast<double>(s[target]);  // before ds, which may be s, is written
    const double sum = sum_exponentials(s, outputs, largest, ds);
    loss += share * (std::log(sum) + static_cast<double>(hn::GetLane(largest)) - score);
    if (ds == nullptr) continue;
    const Vector factor = set(share / sum);
    for_columns(0, outputs, [=](const auto column, int64_t k) HWY_ATTR {
      column.store(hn::Mul(column.load(ds + k), factor), ds + k);
    });
    ds[target] -= static_cast<float>(share);
  }
  return loss;
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(softmax_cross_entropy_rows);

void run(const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
  run_loss_rows(HWY_DYNAMIC_DISPATCH(softmax_cross_entropy_rows), p, a, pool);
}

}  // namespace

const LossKernel softmax_cross_entropy{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
