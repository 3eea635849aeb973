#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace redbud {

/// Mean and standard deviation of numbers, those that are missing (NaN) passed over.
struct Spread {
  double mean = 0.0;
  double deviation = 0.0;
  int64_t count = 0;  // not missing

  /// The deviation is rounding, not information.
  bool is_constant() const {
    constexpr double kRelative = 1e-12;
    constexpr double kLeast = 1e-37;
    return !(deviation > std::max(kRelative * std::abs(mean), kLeast));
  }
};

/// Of value(0..count-1); two sweeps, in double.
template <class Value>
Spread spread_of(int64_t count, Value value) {
  Spread spread;
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double v = value(i);
    if (std::isnan(v)) continue;
    sum += v;
    ++spread.count;
  }
  if (spread.count == 0) return spread;
  const auto n = static_cast<double>(spread.count);
  spread.mean = sum / n;
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double v = value(i);
    if (!std::isnan(v)) squares += (v - spread.mean) * (v - spread.mean);
  }
  spread.deviation = std::sqrt(squares / n);
  return spread;
}

/// Of the given rows of a column, each read from memory once: blocks of rows are swept twice while they are near, and
/// their moments merged. The same bits with any instruction set.
/// Source  Chan, Golub, LeVeque 1979, equation 2.1
Spread spread_of_rows(const double* column, std::span<const int64_t> rows);

}  // namespace redbud
