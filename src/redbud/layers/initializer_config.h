#pragma once
#include "redbud/core/config_value.h"
#include "redbud/graph/initializer.h"

namespace redbud {

/// From "he_normal" or { name = "he_normal", fan = "out", gain = 0.5 }.
/// Throws  Error{Usage}: unknown name or key, naming the nearest; a number out of range
Initializer initializer_from_config(const ConfigValue& config);
ConfigValue to_config(const Initializer& initializer);

}  // namespace redbud
