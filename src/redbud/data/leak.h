#pragma once
#include <string>
#include <vector>

#include "redbud/data/dataset.h"

namespace redbud {

/// A warning for each input column that gives the target away: each of its few values is met with one class only, or it
/// is the target itself, perhaps in another unit. Identifiers, and columns whose values are met too seldom to say so,
/// are not named.
std::vector<std::string> find_leaks(const Dataset& data);

}  // namespace redbud
