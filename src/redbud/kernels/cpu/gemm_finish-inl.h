// What comes after the sums, for a part of C that is still in a near cache.
// Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_FINISH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_FINISH_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_FINISH_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_FINISH_INL_H_
#endif

#include <algorithm>

#include "redbud/kernels/cpu/activation-inl.h"
#include "redbud/kernels/cpu/gemm_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

struct Range {
  int64_t begin = 0;
  int64_t end = 0;

  int64_t size() const { return end - begin; }
};

/// C = f(C), or C *= f'(outputs), for some rows and columns.
HWY_ATTR inline void finish(const Gemm& g, Range rows, Range cols) {
  if (g.activation.is_identity()) return;
  const FloatTag d;
  with_activation(g.activation, [&](const auto& f) HWY_ATTR {
    for (int64_t m = rows.begin; m < rows.end; ++m) {
      float* c = g.c + m * g.c_stride;
      const float* y = g.outputs == nullptr ? nullptr : g.outputs + m * g.outputs_stride;
      for (int64_t n = cols.begin; n < cols.end; n += kLanes) {
        const auto mask = hn::FirstN(d, static_cast<size_t>(cols.end - n));
        const FloatVec now = hn::MaskedLoad(mask, d, c + n);
        const FloatVec then =
            y == nullptr ? f.value(d, now) : hn::Mul(now, f.gradient(d, hn::MaskedLoad(mask, d, y + n)));
        hn::BlendedStore(then, mask, d, c + n);
      }
    }
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
