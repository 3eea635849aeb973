#include "redbud/data/scale_columns.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "redbud/data/sources/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/data/scale_columns.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// values[i] to floats, `count` of them rounded up to whole vectors.
void scale_values(const double* values, int64_t count, const ScaledColumn& by, double limit, float* x) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> d_float;
  const auto mean = hn::Set(d, by.mean);
  const auto scale = hn::Set(d, by.scale);
  const auto highest = hn::Set(d, limit);
  const auto lowest = hn::Set(d, -limit);
  for (int64_t i = 0; i < count; i += static_cast<int64_t>(hn::Lanes(d))) {
    const auto v = hn::LoadU(d, values + i);
    const auto z = hn::Mul(hn::Sub(hn::IfThenElse(hn::IsNaN(v), mean, v), mean), scale);
    hn::StoreU(hn::DemoteTo(d_float, hn::Min(hn::Max(z, lowest), highest)), d_float, x + i);
  }
}

}  // namespace
}  // namespace redbud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud {

HWY_EXPORT(scale_values);

void scale_columns(const std::array<ScaledColumn, kScaledTogether>& columns, double limit,
                   std::span<const int64_t> rows, float* x, int64_t stride) {
  constexpr size_t kNearRows = 512;
  std::array<double, kNearRows> near{};
  std::array<std::array<float, kNearRows>, kScaledTogether> scaled;
  const double bound = limit > 0.0 ? limit : std::numeric_limits<double>::infinity();
  for (size_t at = 0; at < rows.size(); at += kNearRows) {
    const auto block = rows.subspan(at, std::min(kNearRows, rows.size() - at));
    for (size_t k = 0; k < kScaledTogether; ++k) {
      for (size_t i = 0; i < block.size(); ++i) near[i] = columns[k].numbers[block[i]];
      const auto count = static_cast<int64_t>(block.size());
      HWY_DYNAMIC_DISPATCH(scale_values)(near.data(), count, columns[k], bound, scaled[k].data());
    }
    for (size_t i = 0; i < block.size(); ++i) {
      const std::array<float, kScaledTogether> row = {scaled[0][i], scaled[1][i], scaled[2][i], scaled[3][i]};
      std::memcpy(x, row.data(), sizeof(row));
      x += stride;
    }
  }
}

}  // namespace redbud
#endif
