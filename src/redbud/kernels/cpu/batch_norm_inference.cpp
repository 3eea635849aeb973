#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/batch_norm_inference.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/activation-inl.h"
#include "redbud/kernels/cpu/columns-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// Rows [begin, end). As batch_norm_affine() has it, on vectors.
HWY_FLATTEN void inference_rows(const BatchNormInferenceProblem& p, const BatchNormInferenceArgs& a, double correction,
                                int64_t begin, int64_t end) {
  with_activation(p.activation, [&](const auto& f) HWY_ATTR {
    for_columns(0, p.features, [&](const auto& column, int64_t k) HWY_ATTR {
      const Vector mean = hn::Mul(set(correction), column.load_or(a.running_mean, k, 0.0));
      const Vector seen = hn::Mul(set(correction), column.load(static_cast<const float*>(a.running_var) + k));
      const Vector var = correction > 0.0 ? seen : set(1.0);
      const Vector slope = hn::Div(column.load_or(a.gamma, k, 1.0), hn::Sqrt(hn::Add(var, set(p.epsilon))));
      const Vector shift = hn::NegMulAdd(mean, slope, column.load_or(a.beta, k, 0.0));
      const Matrix from = a.z;
      const Matrix to = a.y;
      for (int64_t n = begin; n < end; ++n) {
        const Vector z = column.load(from.row<float>(n) + k);
        column.store(f.value(Tag(), hn::MulAdd(slope, z, shift)), to.row<float>(n) + k);
      }
    });
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>

namespace redbud::kernels::cpu {
namespace {

HWY_EXPORT(inference_rows);

void run(const BatchNormInferenceProblem& p, const BatchNormInferenceArgs& a, ThreadPool& pool) {
  constexpr int64_t kElements = 16 * 1024;
  const auto rows = HWY_DYNAMIC_DISPATCH(inference_rows);
  const double steps = a.steps != nullptr ? static_cast<double>(*static_cast<const float*>(a.steps)) : -1.0;
  const double correction = batch_norm_correction(steps, a.momentum);
  const int64_t grain = std::max<int64_t>(1, kElements / std::max<int64_t>(1, p.features));
  pool.for_ranges(p.rows, grain, [&](int64_t begin, int64_t end) { rows(p, a, correction, begin, end); });
}

}  // namespace

const Kernel<BatchNormInferenceProblem, BatchNormInferenceArgs> batch_norm_inference{"cpu:simd", float_only, run};

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
