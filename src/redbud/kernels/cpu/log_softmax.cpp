#include "redbud/kernels/cpu/log_softmax.h"

#include <algorithm>
#include <cmath>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/log_softmax.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/softmax-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_FLATTEN void log_softmax_rows(const SoftmaxProblem& p, const SoftmaxForwardArgs& a, int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; ++n) {
    const float* z = a.z.row<float>(n);
    float* y = a.y.row<float>(n);
    const Vector largest = row_maximum(z, p.features);
    const Vector log_sum = set(std::log(sum_exponentials(z, p.features, largest, nullptr)));
    for_columns(0, p.features, [=](const auto column, int64_t k) HWY_ATTR {
      column.store(hn::Sub(hn::Sub(column.load(z + k), largest), log_sum), y + k);
    });
  }
}

HWY_FLATTEN void log_softmax_gradient_rows(const SoftmaxProblem& p, const SoftmaxBackwardArgs& a, int64_t begin,
                                           int64_t end) {
  for (int64_t n = begin; n < end; ++n) {
    const float* dy = a.dy.row<float>(n);
    const float* y = a.y.row<float>(n);
    float* dz = a.dz.row<float>(n);
    const Vector sum =
        set(row_sum(p.features, [=](const auto column, int64_t k) HWY_ATTR { return column.load(dy + k); }));
    for_columns(0, p.features, [=](const auto column, int64_t k) HWY_ATTR {
      column.store(hn::NegMulAdd(exp(Tag(), column.load(y + k)), sum, column.load(dy + k)), dz + k);
    });
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(log_softmax_rows);
HWY_EXPORT(log_softmax_gradient_rows);

int64_t grain(int64_t features) { return std::max<int64_t>(1, 16 * 1024 / std::max<int64_t>(1, features)); }

void run_forward(const SoftmaxProblem& p, const SoftmaxForwardArgs& a, ThreadPool& pool) {
  const auto rows = HWY_DYNAMIC_DISPATCH(log_softmax_rows);
  pool.for_ranges(p.rows, grain(p.features), [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

void run_backward(const SoftmaxProblem& p, const SoftmaxBackwardArgs& a, ThreadPool& pool) {
  const auto rows = HWY_DYNAMIC_DISPATCH(log_softmax_gradient_rows);
  pool.for_ranges(p.rows, grain(p.features), [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

}  // namespace

const Kernel<SoftmaxProblem, SoftmaxForwardArgs> log_softmax_forward{"cpu:simd", float_only, run_forward};
const Kernel<SoftmaxProblem, SoftmaxBackwardArgs> log_softmax_backward{"cpu:simd", float_only, run_backward};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
