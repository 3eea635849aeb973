// What comes after the sums, for a part of C that is still in a near cache.
// Included once for every instruction set, so the guard toggles.
#if defined(REDBUD_KERNELS_CPU_GEMM_FINISH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_KERNELS_CPU_GEMM_FINISH_INL_H_
#undef REDBUD_KERNELS_CPU_GEMM_FINISH_INL_H_
#else
#define REDBUD_KERNELS_CPU_GEMM_FINISH_INL_H_
#endif

#include "redbud/kernels/cpu/activation-inl.h"
#include "redbud/kernels/cpu/gemm_tile-inl.h"
#include "redbud/kernels/cpu/range.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

/// C = f(C), or C *= f'(outputs), for some rows and columns.
inline void finish(const Gemm& g, Range rows, Range cols) {
  if (g.activation.is_identity()) return;
  const FloatTag d;
  with_activation(g.activation, [&](const auto& f) HWY_ATTR {
    const int64_t whole_end = cols.begin + cols.size() / kLanes * kLanes;
    const auto rest = hn::FirstN(d, static_cast<size_t>(cols.end - whole_end));
    for (int64_t m = rows.begin; m < rows.end; ++m) {
      float* c = g.c + m * g.c_stride;
      const float* y = g.outputs + m * g.outputs_stride;
      int64_t n = cols.begin;
      if (g.outputs == nullptr) {
        for (; n < whole_end; n += kLanes) hn::StoreU(f.value(d, hn::LoadU(d, c + n)), d, c + n);
        if (n < cols.end) hn::BlendedStore(f.value(d, hn::MaskedLoad(rest, d, c + n)), rest, d, c + n);
      } else {
        for (; n < whole_end; n += kLanes) {
          hn::StoreU(hn::Mul(hn::LoadU(d, c + n), f.gradient(d, hn::LoadU(d, y + n))), d, c + n);
        }
        if (n < cols.end) {
          const FloatVec slope = f.gradient(d, hn::MaskedLoad(rest, d, y + n));
          hn::BlendedStore(hn::Mul(hn::MaskedLoad(rest, d, c + n), slope), rest, d, c + n);
        }
      }
    }
  });
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
