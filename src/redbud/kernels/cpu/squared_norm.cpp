#include <algorithm>
#include <array>
#include <cmath>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/range.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/squared_norm.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

double sum_squares(const float* g, int64_t count) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> narrow;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  auto sum2 = hn::Zero(d);
  auto sum3 = hn::Zero(d);
  int64_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    const auto g0 = hn::PromoteTo(d, hn::LoadU(narrow, g + i));
    const auto g1 = hn::PromoteTo(d, hn::LoadU(narrow, g + i + lanes));
    const auto g2 = hn::PromoteTo(d, hn::LoadU(narrow, g + i + 2 * lanes));
    const auto g3 = hn::PromoteTo(d, hn::LoadU(narrow, g + i + 3 * lanes));
    sum0 = hn::MulAdd(g0, g0, sum0);
    sum1 = hn::MulAdd(g1, g1, sum1);
    sum2 = hn::MulAdd(g2, g2, sum2);
    sum3 = hn::MulAdd(g3, g3, sum3);
  }
  double sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
  for (; i < count; ++i) sum += static_cast<double>(g[i]) * static_cast<double>(g[i]);
  return sum;
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(sum_squares);

void run(const SquaredNormProblem& p, const SquaredNormArgs& a, ThreadPool& pool) {
  constexpr int64_t kMaxPieces = 256;
  constexpr int64_t kMinGrain = 32 * 1024;
  const auto squares = HWY_DYNAMIC_DISPATCH(sum_squares);
  const Ranges ranges(p.size, std::max(kMinGrain, ceil_div(p.size, 16 * (kMaxPieces - 1)) * 16));
  std::array<double, kMaxPieces> sums{};
  pool.for_pieces(ranges.count, [&](int64_t i) {
    const int64_t begin = ranges.begin(i);
    sums[static_cast<size_t>(i)] = squares(static_cast<const float*>(a.g) + begin, ranges.end(i) - begin);
  });
  double sum = 0.0;
  for (const double part : sums) sum += part;
  *a.sum = sum;
  // Squares of finite floats are at most 1.2e77 in double: no number of them that fits in memory sums to infinity.
  *a.finite = std::isfinite(sum);
}

}  // namespace

const Kernel<SquaredNormProblem, SquaredNormArgs> squared_norm{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
