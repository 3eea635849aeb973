#pragma once
#include "redbud/core/config_value.h"
#include "redbud/data/recipe.h"

namespace redbud {

/// A recipe as a plain configuration, and back: equal in every bit.
ConfigValue to_config(const Recipe& recipe);

/// Throws  Error{Usage} or Error{Model}: a key that is missing or of the wrong type, a column or level that is not
/// there
Recipe recipe_from_config(const ConfigValue& config);

}  // namespace redbud
