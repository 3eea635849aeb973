#pragma once
#include <limits>
#include <string>

namespace redbud::cli {

/// The values that a number may have.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool min_is_in = true;
  bool max_is_in = true;

  bool has(double value) const;  // false for NaN
  bool is_everything() const;
};

inline Range at_least(double min) { return {.min = min}; }
inline Range above(double min) { return {.min = min, .min_is_in = false}; }
inline Range from_to(double min, double max) { return {.min = min, .max = max}; }
/// A share of which something must be left: [0, 1).
inline Range share() { return {.min = 0, .max = 1, .max_is_in = false}; }

/// "at least 1", "above 0", "from 0 to below 1".
std::string to_string(const Range& range);

}  // namespace redbud::cli
