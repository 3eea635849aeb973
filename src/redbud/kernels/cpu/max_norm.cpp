// One pass over the weights; a second one over those columns of which a unit is beyond the limit.
#include "redbud/kernels/max_norm.h"

#include <algorithm>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/max_norm.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// One vector of units. Four partial sums, so that an addition needn't wait for the one before it.
void limit_vector(float* w, int64_t inputs, int64_t stride, int64_t units, float limit) {
  const hn::ScalableTag<float> d;
  const auto mask = hn::FirstN(d, static_cast<size_t>(units));
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  auto sum2 = hn::Zero(d);
  auto sum3 = hn::Zero(d);
  const auto row = [&](int64_t c) HWY_ATTR { return hn::MaskedLoad(mask, d, w + c * stride); };
  int64_t c = 0;
  for (; c + 4 <= inputs; c += 4) {
    const auto w0 = row(c);
    const auto w1 = row(c + 1);
    const auto w2 = row(c + 2);
    const auto w3 = row(c + 3);
    sum0 = hn::MulAdd(w0, w0, sum0);
    sum1 = hn::MulAdd(w1, w1, sum1);
    sum2 = hn::MulAdd(w2, w2, sum2);
    sum3 = hn::MulAdd(w3, w3, sum3);
  }
  for (; c < inputs; ++c) sum0 = hn::MulAdd(row(c), row(c), sum0);
  const auto norm = hn::Sqrt(hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3)));
  const auto most = hn::Set(d, limit);
  const auto beyond = hn::Gt(norm, most);
  if (hn::AllFalse(d, beyond)) return;
  const auto scale = hn::IfThenElse(beyond, hn::Div(most, norm), hn::Set(d, 1.0f));
  for (c = 0; c < inputs; ++c) hn::BlendedStore(hn::Mul(row(c), scale), mask, d, w + c * stride);
}

void limit_units(const MaxNormProblem& p, const MaxNormArgs& a, int64_t begin, int64_t end) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>()));
  for (int64_t k = begin; k < end; k += lanes) {
    limit_vector(static_cast<float*>(a.w) + k, p.inputs, p.outputs, std::min(lanes, end - k),
                 static_cast<float>(a.limit));
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(limit_units);

void run(const MaxNormProblem& p, const MaxNormArgs& a, ThreadPool& pool) {
  constexpr int64_t kUnits = 64;          // whole cache lines of whole vectors
  constexpr int64_t kFloats = 32 * 1024;  // worth a thread's while
  const int64_t grain = std::max(kUnits, kFloats / std::max<int64_t>(1, p.inputs) / kUnits * kUnits);
  const auto limit = HWY_DYNAMIC_DISPATCH(limit_units);
  pool.for_ranges(p.outputs, grain, [&](int64_t begin, int64_t end) { limit(p, a, begin, end); });
}

}  // namespace

const Kernel<MaxNormProblem, MaxNormArgs> max_norm{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
