#pragma once
#include <cstdint>

#include "redbud/core/config_value.h"
#include "redbud/data/batch.h"
#include "redbud/data/recipe.h"

namespace redbud {

/// A row as a small picture, where its schema says that it is one of at most 64 x 64 values:
///   {"height":...,"width":...,"levels":"0f3..."}
/// a hexadecimal digit a pixel, from its least value (0) to its greatest (f). Else null.
ConfigValue row_picture(const Recipe& recipe, const SampleSource& source, int64_t row);

}  // namespace redbud
