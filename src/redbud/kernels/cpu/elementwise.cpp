#include "redbud/kernels/elementwise.h"

#include <algorithm>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/elementwise.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_FLATTEN void add_rows(const AddProblem& p, const AddArgs& a, int64_t begin, int64_t end) {
  const int64_t features = p.features;
  for (int64_t n = begin; n < end; ++n) {
    const float* x = a.x.row<float>(n);
    float* y = a.y.row<float>(n);
    if (p.accumulate) {
      for_columns(0, features, [&](const auto column, int64_t k) HWY_ATTR {
        column.store(hn::Add(column.load(y + k), column.load(x + k)), y + k);
      });
    } else {
      for_columns(0, features, [&](const auto column, int64_t k) HWY_ATTR { column.store(column.load(x + k), y + k); });
    }
  }
}

HWY_FLATTEN void multiply_rows(const MultiplyProblem& p, const MultiplyArgs& m, int64_t begin, int64_t end) {
  for (int64_t n = begin; n < end; ++n) {
    const float* a = m.a.row<float>(n);
    const float* b = m.b.row<float>(n);
    float* y = m.y.row<float>(n);
    for_columns(0, p.features, [&](const auto column, int64_t k) HWY_ATTR {
      column.store(hn::Mul(column.load(a + k), column.load(b + k)), y + k);
    });
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(add_rows);
HWY_EXPORT(multiply_rows);

int64_t row_grain(int64_t features) {
  constexpr int64_t kElements = 64 * 1024;
  return std::max<int64_t>(1, kElements / std::max<int64_t>(1, features));
}

void run(const AddProblem& p, const AddArgs& a, ThreadPool& pool) {
  const auto rows = HWY_DYNAMIC_DISPATCH(add_rows);
  pool.for_ranges(p.rows, row_grain(p.features), [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

void run_multiply(const MultiplyProblem& p, const MultiplyArgs& a, ThreadPool& pool) {
  const auto rows = HWY_DYNAMIC_DISPATCH(multiply_rows);
  pool.for_ranges(p.rows, row_grain(p.features), [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

}  // namespace

const Kernel<AddProblem, AddArgs> add{"cpu:simd", float_only, run};
const Kernel<MultiplyProblem, MultiplyArgs> multiply{"cpu:simd", float_only, run_multiply};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
