#pragma once
#include <span>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/file.h"

namespace redbud::cli {

/// A done record as a table: a line a part (train, validation, test) with its metrics, and how the run ended.
std::string result_text(const ConfigValue& done);

/// Which command to try next, by how the run went and what advice says of it: two or three lines.
std::vector<std::string> next_steps(const ConfigValue& done, std::span<const ConfigValue> advice, const Path& run);

}  // namespace redbud::cli
