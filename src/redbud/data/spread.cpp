#include "redbud/data/spread.h"

#include <array>
#include <limits>

#include "redbud/data/sources/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/data/spread.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kChains = 8;  // sums that take turns: as many on every processor, so that the bits are the same
using Tag = hn::CappedTag<double, kChains>;
using Vector = hn::Vec<Tag>;
constexpr size_t kLanes = hn::MaxLanes(Tag());
constexpr size_t kVectors = kChains / kLanes;

double sum_of(const std::array<Vector, kVectors>& vectors) {
  std::array<double, kChains> chains;
  for (size_t k = 0; k < kVectors; ++k) hn::StoreU(vectors[k], Tag(), chains.data() + k * kLanes);
  return ((chains[0] + chains[1]) + (chains[2] + chains[3])) + ((chains[4] + chains[5]) + (chains[6] + chains[7]));
}

/// Calls take(k, vector) for all values, a whole number of chains; k counts from 0 to kVectors.
template <class Take>
void for_vectors(std::span<const double> values, Take take) {
  for (size_t i = 0; i < values.size(); i += kChains) {
    for (size_t k = 0; k < kVectors; ++k) take(k, hn::LoadU(Tag(), values.data() + i + k * kLanes));
  }
}

/// Gives the mean of those that are no NaN, and their number.
void mean_of(std::span<const double> values, double* mean, double* count) {
  const Tag d;
  std::array<Vector, kVectors> sums;
  sums.fill(hn::Zero(d));
  std::array<Vector, kVectors> counts = sums;
  for_vectors(values, [&](size_t k, Vector v) {
    const auto present = hn::Eq(v, v);
    sums[k] = hn::Add(sums[k], hn::IfThenElseZero(present, v));
    counts[k] = hn::Add(counts[k], hn::IfThenElseZero(present, hn::Set(d, 1.0)));
  });
  *count = sum_of(counts);
  *mean = *count > 0.0 ? sum_of(sums) / *count : 0.0;
}

double squares_around(std::span<const double> values, double mean) {
  const Tag d;
  std::array<Vector, kVectors> sums;
  sums.fill(hn::Zero(d));
  for_vectors(values, [&](size_t k, Vector v) {
    const auto apart = hn::IfThenElseZero(hn::Eq(v, v), hn::Sub(v, hn::Set(d, mean)));
    sums[k] = hn::Add(sums[k], hn::Mul(apart, apart));
  });
  return sum_of(sums);
}

}  // namespace
}  // namespace redbud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud {

HWY_EXPORT(mean_of);
HWY_EXPORT(squares_around);

namespace {

constexpr size_t kNearRows = 1024;
static_assert(kNearRows % 8 == 0);

/// The sum of squares is that of deviations from the mean, so that nothing cancels.
struct Moments {
  double mean = 0.0;
  double squares = 0.0;
  double count = 0.0;

  void merge(const Moments& more) {
    if (more.count == 0.0) return;
    const double together = count + more.count;
    const double apart = more.mean - mean;
    mean += apart * (more.count / together);
    squares += more.squares + apart * apart * (count * more.count / together);
    count = together;
  }
};

Moments moments_of(std::span<const double> values) {
  Moments of;
  HWY_DYNAMIC_DISPATCH(mean_of)(values, &of.mean, &of.count);
  of.squares = HWY_DYNAMIC_DISPATCH(squares_around)(values, of.mean);
  return of;
}

}  // namespace

Spread spread_of_rows(const double* column, std::span<const int64_t> rows) {
  std::array<double, kNearRows> near;
  Moments all;
  for (size_t at = 0; at < rows.size(); at += kNearRows) {
    const auto block = rows.subspan(at, std::min(kNearRows, rows.size() - at));
    for (size_t i = 0; i < block.size(); ++i) near[i] = column[block[i]];
    const size_t whole = (block.size() + 7) / 8 * 8;
    std::fill(near.begin() + static_cast<std::ptrdiff_t>(block.size()),
              near.begin() + static_cast<std::ptrdiff_t>(whole), std::numeric_limits<double>::quiet_NaN());
    all.merge(moments_of({near.data(), whole}));
  }
  if (all.count == 0.0) return {};
  return {.mean = all.mean, .deviation = std::sqrt(all.squares / all.count), .count = static_cast<int64_t>(all.count)};
}

}  // namespace redbud
#endif
