#include "redbud/testing/core/tolerance.h"

#include <algorithm>
#include <cmath>

#include "redbud/core/text.h"

namespace redbud {
namespace {

double half_unit_in_last_place(DType type) {
  switch (type) {
    case DType::F64:
      return 0x1p-53;
    case DType::F32:
      return 0x1p-24;
    case DType::F16:
      return 0x1p-11;
    case DType::BF16:
      return 0x1p-8;
    default:
      return 0;
  }
}

/// Infinite where the two can't be compared.
double distance_between(double a, double e) {
  if (a == e || (std::isnan(a) && std::isnan(e))) return 0;
  return std::isfinite(a) && std::isfinite(e) ? std::abs(a - e) : HUGE_VAL;
}

}  // namespace

double tolerance(DType type, const ToleranceConfig& config) {
  return half_unit_in_last_place(type) * (8 + 4 * std::sqrt(static_cast<double>(config.terms_per_sum)));
}

namespace detail {

::testing::AssertionResult all_close(const std::vector<double>& actual, const std::vector<double>& expected,
                                     double tol) {
  if (actual.size() != expected.size()) {
    return ::testing::AssertionFailure() << actual.size() << " values, expected " << expected.size();
  }
  double scale = 0;
  for (double e : expected) {
    if (std::isfinite(e)) scale = std::max(scale, std::abs(e));
  }
  size_t worst = 0;
  double largest = -1;
  int64_t wrong = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double distance = distance_between(actual[i], expected[i]);
    if (!(distance <= tol * scale)) ++wrong;
    if (distance > largest) {
      largest = distance;
      worst = i;
    }
  }
  if (wrong == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << wrong << " of " << actual.size() << " values are off; the worst, [" << worst
                                       << "], is " << format_number(actual[worst]) << ", expected "
                                       << format_number(expected[worst]) << ": off by " << largest << ", allowed "
                                       << tol * scale << " (" << tol << " of the largest magnitude " << scale << ")";
}

}  // namespace detail
}  // namespace redbud
