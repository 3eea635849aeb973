#pragma once
#include "redbud/core/config_value.h"

namespace redbud::cli {

/// Looks at what a filled tree says of optimizer, schedule and penalties together, before any data is read.
/// Throws  Error{Usage}: an optimizer that doesn't go with a penalty, a schedule of momentum without one
void check_learning(const ConfigValue& tree);

}  // namespace redbud::cli
