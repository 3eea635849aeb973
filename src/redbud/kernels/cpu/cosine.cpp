#include <cmath>

#include "redbud/kernels/cpu/loss_rows.h"
#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/cosine.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/row_sum-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_INLINE double dot(const float* x, const float* y, int64_t size) {
  return row_sum(
      size, [=](const auto column, int64_t k) HWY_ATTR { return hn::Mul(column.load(x + k), column.load(y + k)); });
}

HWY_FLATTEN double cosine_rows(const LossProblem& p, const LossArgs& a, const RowRange& rows) {
  double loss = 0.0;
  for (int64_t n = rows.begin; n < rows.end; ++n) {
    const float* s = a.scores.row<float>(n);
    const float* t = a.target.row<float>(n);
    const double share = row_share(p, a, rows.inverse_sum, n);
    const double square = dot(s, s, p.outputs);
    const double norms = std::sqrt(square) * std::sqrt(dot(t, t, p.outputs));
    const double inverse = norms == 0.0 ? 0.0 : 1.0 / norms;
    const double similarity = dot(s, t, p.outputs) * inverse;
    loss += share * (1.0 - similarity);
    if (!p.gradient) continue;
    float* ds = a.dscores.row<float>(n);
    const Vector own = set(norms == 0.0 ? 0.0 : share * similarity / square);
    const Vector other = set(share * inverse);
    for_columns(0, p.outputs, [=](const auto column, int64_t k) HWY_ATTR {
      column.store(hn::NegMulAdd(other, column.load(t + k), hn::Mul(own, column.load(s + k))), ds + k);
    });
  }
  return loss;
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(cosine_rows);

void run(const LossProblem& p, const LossArgs& a, ThreadPool& pool) {
  run_loss_rows(HWY_DYNAMIC_DISPATCH(cosine_rows), p, a, pool);
}

}  // namespace

const LossKernel cosine{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
