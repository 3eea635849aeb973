#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "redbud/core/dtype.h"

namespace redbud {

struct ToleranceConfig {
  int64_t terms_per_sum = 1;  // of the longest sum behind one value
};

/// How far a value may lie from the truth, relative to the largest magnitude of its array.
///
///   u * (8 + 4 * sqrt(terms_per_sum)),   u = half a unit in the last place of 1 (2^-24 for f32)
///
/// Rounding errors of a sum add up like a random walk, so they grow with the root of its length; 4 is four standard
/// deviations. The worst case (u * terms) is far away unless all terms are rounded to the same side, which a test
/// should then see. 0 for whole numbers.
double tolerance(DType type, const ToleranceConfig& config = {});

namespace detail {
::testing::AssertionResult all_close(const std::vector<double>& actual, const std::vector<double>& expected,
                                     double tol);
}

/// Whether |actual[i] - expected[i]| <= tol * max |expected[j]| for all i; NaN equals NaN alone, infinity its like.
/// Takes anything that can be iterated: vectors, spans, arrays, of any type of number. Failing, it names the worst
/// element.
template <class Actual, class Expected>
::testing::AssertionResult all_close(const Actual& actual, const Expected& expected, double tol) {
  std::vector<double> a;
  std::vector<double> e;
  for (const auto value : actual) a.push_back(static_cast<double>(value));
  for (const auto value : expected) e.push_back(static_cast<double>(value));
  return detail::all_close(a, e, tol);
}

}  // namespace redbud
