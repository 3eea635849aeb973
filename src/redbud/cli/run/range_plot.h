#pragma once
#include <string>

#include "redbud/train/lr_finder.h"

namespace redbud::cli {

/// The smoothed loss of a range test against the learning rate, for a terminal.
std::string range_text(const RangeResult& range);

/// The same with the losses themselves, as an SVG of 720 x 400 that needs nothing else.
std::string range_svg(const RangeResult& range);

}  // namespace redbud::cli
