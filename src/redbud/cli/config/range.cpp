#include "redbud/cli/config/range.h"

#include <cmath>

#include "redbud/core/text.h"

namespace redbud::cli {

bool Range::has(double value) const {
  if (std::isnan(value) || std::isinf(value)) return false;
  return (min_is_in ? value >= min : value > min) && (max_is_in ? value <= max : value < max);
}

bool Range::is_everything() const { return std::isinf(min) && std::isinf(max); }

std::string to_string(const Range& range) {
  const bool bounded = !std::isinf(range.max);
  if (!bounded && std::isinf(range.min)) return "a finite number";
  const std::string min = format_number(range.min);
  if (!bounded) return (range.min_is_in ? "at least " : "above ") + min;
  return (range.min_is_in ? "from " : "above ") + min + (range.max_is_in ? " to " : " to below ") +
         format_number(range.max);
}

}  // namespace redbud::cli
