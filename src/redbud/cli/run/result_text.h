#pragma once
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/file.h"

namespace redbud::cli {

/// A done record as a table: a line a part (train, validation, test) with its metrics, and how the run ended.
std::string result_text(const ConfigValue& done);

/// Which command to try next, by how the run went: two or three lines.
std::vector<std::string> next_steps(const ConfigValue& done, const ConfigValue& tree, const Path& run);

}  // namespace redbud::cli
