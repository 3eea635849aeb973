#include "redbud/data/scale_row.h"

#include "redbud/data/sources/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/data/scale_row.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatVec = hn::Vec<FloatTag>;

FloatVec load(const float* from) { return hn::LoadU(FloatTag(), from); }
FloatVec load(const uint8_t* from) {
  const hn::Rebind<int32_t, FloatTag> d_integer;
  const hn::Rebind<uint8_t, FloatTag> d_byte;
  return hn::ConvertTo(FloatTag(), hn::PromoteTo(d_integer, hn::LoadU(d_byte, from)));
}

FloatVec zero_for_nan(FloatVec v) { return hn::IfThenZeroElse(hn::IsNaN(v), v); }
float zero_for_nan(float v) { return v == v ? v : 0.0F; }

template <class T>
void run(const T* from, int64_t count, const ScaleOfAll& by, float* x) {
  const FloatTag d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto mean = hn::Set(d, by.mean);
  const auto scale = hn::Set(d, by.scale);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreU(zero_for_nan(hn::Mul(hn::Sub(load(from + i), mean), scale)), d, x + i);
  }
  for (; i < count; ++i) x[i] = zero_for_nan((static_cast<float>(from[i]) - by.mean) * by.scale);
}

template <class T>
void run(const T* from, int64_t count, const ScaleOfEach& by, float* x) {
  const FloatTag d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto centred = hn::Sub(load(from + i), hn::LoadU(d, by.means + i));
    hn::StoreU(zero_for_nan(hn::Mul(centred, hn::LoadU(d, by.scales + i))), d, x + i);
  }
  for (; i < count; ++i) x[i] = zero_for_nan((static_cast<float>(from[i]) - by.means[i]) * by.scales[i]);
}

void bytes_by_one(const uint8_t* from, int64_t count, const ScaleOfAll& by, float* x) { run(from, count, by, x); }
void floats_by_one(const float* from, int64_t count, const ScaleOfAll& by, float* x) { run(from, count, by, x); }
void bytes_by_each(const uint8_t* from, int64_t count, const ScaleOfEach& by, float* x) { run(from, count, by, x); }
void floats_by_each(const float* from, int64_t count, const ScaleOfEach& by, float* x) { run(from, count, by, x); }

}  // namespace
}  // namespace redbud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud {

HWY_EXPORT(bytes_by_one);
HWY_EXPORT(floats_by_one);
HWY_EXPORT(bytes_by_each);
HWY_EXPORT(floats_by_each);

void scale_row(const uint8_t* from, int64_t count, const ScaleOfAll& by, float* x) {
  HWY_DYNAMIC_DISPATCH(bytes_by_one)(from, count, by, x);
}
void scale_row(const float* from, int64_t count, const ScaleOfAll& by, float* x) {
  HWY_DYNAMIC_DISPATCH(floats_by_one)(from, count, by, x);
}
void scale_row(const uint8_t* from, int64_t count, const ScaleOfEach& by, float* x) {
  HWY_DYNAMIC_DISPATCH(bytes_by_each)(from, count, by, x);
}
void scale_row(const float* from, int64_t count, const ScaleOfEach& by, float* x) {
  HWY_DYNAMIC_DISPATCH(floats_by_each)(from, count, by, x);
}

}  // namespace redbud
#endif
