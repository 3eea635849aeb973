#pragma once
#include <cstdint>

#include "redbud/data/recipe.h"

namespace redbud {

/// Writes rows of `data` (begin to end of its selection) as recipe.schema.features() floats each, `stride` apart.
void encode_inputs(const Dataset& data, const Recipe& recipe, int64_t begin, int64_t end, float* x, int64_t stride);

}  // namespace redbud
