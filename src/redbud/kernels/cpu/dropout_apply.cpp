#include <algorithm>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/dropout_apply.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// With a shift and a value for what is dropped. By itself, since x * scale + 0 turns -0 into 0.
HWY_FLATTEN void shifted_rows(const DropoutApplyProblem& p, const DropoutApplyArgs& a, int64_t begin, int64_t end) {
  const Vector scale = set(p.scale);
  const Vector shift = set(p.shift);
  const Vector dropped = set(p.dropped);
  for (int64_t n = begin; n < end; ++n) {
    const uint8_t* bits = a.mask + n * dropout_blocks(p.features);
    const float* x = a.x.row<float>(n);
    float* y = a.y.row<float>(n);
    for_columns(0, p.features, [&](const auto column, int64_t k) HWY_ATTR {
      const Vector kept = hn::MulAdd(column.load(x + k), scale, shift);
      column.store(hn::IfThenElse(column.kept(bits, k), kept, dropped), y + k);
    });
  }
}

HWY_FLATTEN void apply_rows(const DropoutApplyProblem& p, const DropoutApplyArgs& a, int64_t begin, int64_t end) {
  const Vector scale = set(p.scale);
  const int64_t features = p.features;
  for (int64_t n = begin; n < end; ++n) {
    const uint8_t* bits = a.mask + n * dropout_blocks(features);
    const float* x = a.x.row<float>(n);
    float* y = a.y.row<float>(n);
    for_columns(0, features, [&](const auto column, int64_t k) HWY_ATTR {
      column.store(hn::IfThenElseZero(column.kept(bits, k), hn::Mul(column.load(x + k), scale)), y + k);
    });
  }
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(apply_rows);
HWY_EXPORT(shifted_rows);

void run(const DropoutApplyProblem& p, const DropoutApplyArgs& a, ThreadPool& pool) {
  constexpr int64_t kElements = 64 * 1024;
  const bool shifted = p.shift != 0.0 || p.dropped != 0.0;
  const auto rows = shifted ? HWY_DYNAMIC_DISPATCH(shifted_rows) : HWY_DYNAMIC_DISPATCH(apply_rows);
  const int64_t grain = std::max<int64_t>(1, kElements / std::max<int64_t>(1, p.features));
  pool.for_ranges(p.rows, grain, [&](int64_t begin, int64_t end) { rows(p, a, begin, end); });
}

}  // namespace

const Kernel<DropoutApplyProblem, DropoutApplyArgs> dropout_apply{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
