#include <algorithm>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/softmax.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/softmax-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_FLATTEN void softmax_rows(const SoftmaxProblem& p, const SoftmaxForwardArgs& a, int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; ++n) {
    const float* z = a.z.row<float>(n);
    float* y = a.y.row<float>(n);
    const Vector factor = set(1.0 / sum_exponentials(z, p.features, row_maximum(z, p.features), y));
    for_columns(0, p.features, [=](const auto column, int64_t k) HWY_ATTR {
      column.store(hn::Mul(column.load(y + k), factor), y + k);
    });
  }
}

HWY_FLATTEN void softmax_gradient_rows(const SoftmaxProblem& p, const SoftmaxBackwardArgs& a, int64_t begin,
                                       int64_t end) {
  for (int64_t n = begin; n < end; ++n) {
    const float* dy = a.dy.row<float>(n);
    const float* y = a.y.row<float>(n);
    float* dz = a.dz.row<float>(n);
    const Vector sum = set(row_sum(p.features, [=](const auto column, int64_t k) HWY_ATTR {
      return hn::Mul(column.load(dy + k), column.load(y + k));
    }));
    for_columns(0, p.features, [=](const auto column, int64_t k) HWY_ATTR {
      column.store(hn::Mul(column.load(y + k), hn::Sub(column.load(dy + k), sum)), dz + k);
    });
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(softmax_rows);
HWY_EXPORT(softmax_gradient_rows);

int64_t grain(int64_t features) { return std::max<int64_t>(1, 16 * 1024 / std::max<int64_t>(1, features)); }

void run_forward(const SoftmaxProblem& p, const SoftmaxForwardArgs& a, ThreadPool& pool) {
  const auto rows = HWY_DYNAMIC_DISPATCH(softmax_rows);
  pool.for_ranges(p.rows, grain(p.features), [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

void run_backward(const SoftmaxProblem& p, const SoftmaxBackwardArgs& a, ThreadPool& pool) {
  const auto rows = HWY_DYNAMIC_DISPATCH(softmax_gradient_rows);
  pool.for_ranges(p.rows, grain(p.features), [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

}  // namespace

const Kernel<SoftmaxProblem, SoftmaxForwardArgs> softmax_forward{"cpu:simd", float_only, run_forward};
const Kernel<SoftmaxProblem, SoftmaxBackwardArgs> softmax_backward{"cpu:simd", float_only, run_backward};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
