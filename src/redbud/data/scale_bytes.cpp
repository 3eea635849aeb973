#include "redbud/data/scale_bytes.h"

#include "redbud/data/sources/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/data/scale_bytes.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void scale_row(const uint8_t* from, int64_t count, float mean, float scale, float* x) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<int32_t, decltype(d)> d_integer;
  const hn::Rebind<uint8_t, decltype(d)> d_byte;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto means = hn::Set(d, mean);
  const auto scales = hn::Set(d, scale);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto value = hn::ConvertTo(d, hn::PromoteTo(d_integer, hn::LoadU(d_byte, from + i)));
    hn::StoreU(hn::Mul(hn::Sub(value, means), scales), d, x + i);
  }
  for (; i < count; ++i) x[i] = (static_cast<float>(from[i]) - mean) * scale;
}

}  // namespace redbud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud {
namespace {

HWY_EXPORT(scale_row);

}  // namespace

void scale_bytes(const uint8_t* from, int64_t count, float mean, float scale, float* x) {
  HWY_DYNAMIC_DISPATCH(scale_row)(from, count, mean, scale, x);
}

}  // namespace redbud
#endif
