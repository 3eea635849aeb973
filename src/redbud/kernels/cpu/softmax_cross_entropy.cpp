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

/// 1 in the lane of the target, if it is among those that start with output k.
HWY_INLINE Vector one_hot(int32_t target, int64_t k) {
  const hn::RebindToSigned<Tag> whole;
  // Iota(0) is a constant; Iota(k) would be put together in memory.
  const auto is_target = hn::Eq(hn::Iota(whole, 0), hn::Set(whole, target - static_cast<int32_t>(k)));
  return hn::IfThenElseZero(hn::RebindMask(Tag(), is_target), set(1.0));
}

/// Every output of the row in one vector. Gives the sum of the exponentials.
template <class Column>
HWY_INLINE double narrow_row(const Column column, const float* s, float* ds, int32_t target, double share,
                             double* largest) {
  const Vector scores = column.load_padded(s, set(-std::numeric_limits<double>::infinity()));
  const Vector maximum = hn::MaxOfLanes(Tag(), scores);
  // Lanes beyond the end stay out of exp(): a denormal product costs about a hundred cycles (measured on Zen 5).
  const Vector e = column.without_padding(exp(Tag(), column.without_padding(hn::Sub(scores, maximum))));
  const Vector sum = hn::SumOfLanes(Tag(), e);
  if (ds != nullptr) {
    const Vector difference = hn::Sub(hn::Div(e, sum), one_hot(target, 0));
    column.store(hn::Mul(difference, set(share)), ds);
  }
  *largest = static_cast<double>(hn::GetLane(maximum));
  return static_cast<double>(hn::GetLane(sum));
}

HWY_INLINE double wide_row(const float* s, float* ds, int64_t outputs, int32_t target, double share, double* largest) {
  const Vector maximum = row_maximum(s, outputs);
  const double sum = sum_exponentials(s, outputs, maximum, ds);
  if (ds != nullptr) {
    const Vector inverse = set(1.0 / sum);
    const Vector factor = set(share);
    for_columns(0, outputs, [=](const auto column, int64_t k) HWY_ATTR {
      const Vector difference = hn::MulSub(column.load(ds + k), inverse, one_hot(target, k));
      column.store(hn::Mul(difference, factor), ds + k);
    });
  }
  *largest = static_cast<double>(hn::GetLane(maximum));
  return sum;
}

HWY_FLATTEN double softmax_cross_entropy_rows(const LossProblem& p, const LossArgs& a, double inverse_sum,
                                              int64_t begin, int64_t end) {
  const int64_t outputs = p.outputs;
  const Column<true> narrow(std::min(outputs, kLanes));
  double loss = 0.0;
  for (int64_t n = begin; n < end; ++n) {
    const float* s = a.scores.row<float>(n);
    float* ds = p.gradient ? a.dscores.row<float>(n) : nullptr;
    const int32_t target = *a.target.row<int32_t>(n);
    const double score = static_cast<double>(s[target]);  // before ds, which may be s, is written
    const double share = row_share(p, a, inverse_sum, n);
    double largest = 0.0;
    const double sum = outputs <= kLanes ? narrow_row(narrow, s, ds, target, share, &largest)
                                         : wide_row(s, ds, outputs, target, share, &largest);
    loss += share * (std::log(sum) + largest - score);
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
