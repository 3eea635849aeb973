// The parametric rectifier: rows forward, and backward a group of features at a time, down all rows.
#include "redbud/kernels/prelu.h"

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/rectifiers.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/prelu.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_FLATTEN void prelu_rows(const PreluForwardProblem& p, const PreluForwardArgs& a, int64_t begin, int64_t end) {
  const float* slope = static_cast<const float*>(a.slope);
  for (int64_t n = begin; n < end; ++n) {
    const float* z_n = a.z.row<float>(n);
    float* y_n = a.y.row<float>(n);
    for_columns(0, p.features, [=](const auto column, int64_t k) HWY_ATTR {
      const Vector z = column.load(z_n + k);
      column.store(hn::IfThenElse(hn::Gt(z, hn::Zero(Tag())), z, hn::Mul(column.load(slope + k), z)), y_n + k);
    });
  }
}

template <int kVectors, class Column>
HWY_INLINE void backward_group(const PreluBackwardProblem& p, const PreluBackwardArgs& a, const Column column,
                               int64_t begin) {
  using Sum = Sums<kVectors>;
  const Matrix dy = a.dy;
  const Matrix z = a.z;
  const Matrix dz = a.dz;
  Vector slope[kVectors];
  unroll<kVectors>([&](auto v)
                       HWY_ATTR { slope[v] = column.load(static_cast<const float*>(a.slope) + begin + v * kLanes); });
  Sum sums;
  for_rows<Sum::kChains>(p.rows, [&](int64_t n, auto chain) HWY_ATTR {
    unroll<kVectors>([&](auto v) HWY_ATTR {
      const int64_t k = begin + v * kLanes;
      const Vector dy_n = column.load(dy.row<float>(n) + k);
      const Vector z_n = column.load(z.row<float>(n) + k);
      const auto above = hn::Gt(z_n, hn::Zero(Tag()));
      sums.at(v, chain) = hn::MulAdd(dy_n, hn::IfThenZeroElse(above, z_n), sums.at(v, chain));
      if (dz.data != nullptr) column.store(hn::IfThenElse(above, dy_n, hn::Mul(dy_n, slope[v])), dz.row<float>(n) + k);
    });
  });
  if (a.dslope == nullptr) return;
  unroll<kVectors>([&](auto v) HWY_ATTR {
    float* to = static_cast<float*>(a.dslope) + begin + v * kLanes;
    const Vector sum = sums.total(v);
    column.store(p.accumulate ? hn::Add(column.load(to), sum) : sum, to);
  });
}

HWY_FLATTEN void prelu_features(const PreluBackwardProblem& p, const PreluBackwardArgs& a, int64_t begin, int64_t end) {
  for_column_groups(begin, end, [&](const auto column, auto vectors, int64_t k) HWY_ATTR {
    backward_group<vectors()>(p, a, column, k);
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>

#include "redbud/kernels/cpu/feature_grain.h"

namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(prelu_rows);
HWY_EXPORT(prelu_features);

constexpr int64_t kGrain = 16 * 1024;  // elements a piece

void run_forward(const PreluForwardProblem& p, const PreluForwardArgs& a, ThreadPool& pool) {
  const auto rows = HWY_DYNAMIC_DISPATCH(prelu_rows);
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, p.features));
  pool.for_ranges(p.rows, grain, [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

void run_backward(const PreluBackwardProblem& p, const PreluBackwardArgs& a, ThreadPool& pool) {
  const auto features = HWY_DYNAMIC_DISPATCH(prelu_features);
  const int64_t grain = feature_grain(p.rows, p.features);
  pool.for_ranges(p.features, grain, [&](int64_t begin, int64_t end) { features(p, a, begin, end); });
}

}  // namespace

const Kernel<PreluForwardProblem, PreluForwardArgs> prelu_forward{"cpu:simd", float_only, run_forward};
const Kernel<PreluBackwardProblem, PreluBackwardArgs> prelu_backward{"cpu:simd", float_only, run_backward};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
