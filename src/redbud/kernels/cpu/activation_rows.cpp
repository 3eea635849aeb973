#include "redbud/kernels/cpu/activation_rows.h"

#include "redbud/kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/kernels/cpu/activation_rows.cpp"
#include "hwy/foreach_target.h"
#include "redbud/kernels/cpu/activation-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::kernels::cpu::HWY_NAMESPACE {

HWY_FLATTEN void map(const Activation& activation, const float* z, float* y, int64_t count) {
  with_activation(activation, [&](const auto& f) HWY_ATTR {
    const hn::ScalableTag<float> d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) hn::StoreU(f.value(d, hn::LoadU(d, z + i)), d, y + i);
    if (i == count) return;
    const auto rest = hn::FirstN(d, static_cast<size_t>(count - i));
    hn::BlendedStore(f.value(d, hn::MaskedLoad(rest, d, z + i)), rest, d, y + i);
  });
}

HWY_FLATTEN void slopes_map(const Activation& activation, const float* z, float* y, float* slope, int64_t count) {
  with_gated_activation(activation, [&](const auto& f) HWY_ATTR {
    const hn::ScalableTag<float> d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
      const auto both = f.both(d, hn::LoadU(d, z + i));
      hn::StoreU(both.value, d, y + i);
      hn::StoreU(both.slope, d, slope + i);
    }
    if (i == count) return;
    const auto rest = hn::FirstN(d, static_cast<size_t>(count - i));
    const auto both = f.both(d, hn::MaskedLoad(rest, d, z + i));
    hn::BlendedStore(both.value, rest, d, y + i);
    hn::BlendedStore(both.slope, rest, d, slope + i);
  });
}

HWY_FLATTEN void gradient_map(const Activation& activation, const float* at, const float* dy, float* dz,
                              int64_t count) {
  with_activation(activation, [&](const auto& f) HWY_ATTR {
    const hn::ScalableTag<float> d;
    const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
      hn::StoreU(hn::Mul(hn::LoadU(d, dy + i), f.gradient(d, hn::LoadU(d, at + i))), d, dz + i);
    }
    if (i == count) return;
    const auto rest = hn::FirstN(d, static_cast<size_t>(count - i));
    const auto slope = f.gradient(d, hn::MaskedLoad(rest, d, at + i));
    hn::BlendedStore(hn::Mul(hn::MaskedLoad(rest, d, dy + i), slope), rest, d, dz + i);
  });
}

void run(const Activation& activation, float* y, int64_t count) {
  if (!activation.is_identity()) map(activation, y, y, count);
}

void gradient_run(const Activation& activation, const float* at, float* dy, int64_t count) {
  if (!activation.is_identity()) gradient_map(activation, at, dy, dy, count);
}

}  // namespace redbud::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud::kernels::cpu {

HWY_EXPORT(map);
HWY_EXPORT(slopes_map);
HWY_EXPORT(gradient_map);
HWY_EXPORT(run);
HWY_EXPORT(gradient_run);

ActivationRun activation_run() { return HWY_DYNAMIC_DISPATCH(run); }
ActivationGradientRun activation_gradient_run() { return HWY_DYNAMIC_DISPATCH(gradient_run); }
ActivationMap activation_map() { return HWY_DYNAMIC_DISPATCH(map); }
ActivationSlopesMap activation_slopes_map() { return HWY_DYNAMIC_DISPATCH(slopes_map); }
ActivationGradientMap activation_gradient_map() { return HWY_DYNAMIC_DISPATCH(gradient_map); }

}  // namespace redbud::kernels::cpu
#endif  // HWY_ONCE
