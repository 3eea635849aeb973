#pragma once
#include <string>
#include <string_view>

#include "redbud/core/config_value.h"

namespace redbud::cli {

/// A TOML text as a tree. Every value's `where` is "<name>:<line>:<column>" of its key (of the value itself in a list).
/// Throws  Error{Usage} with line and column
ConfigValue parse_toml(std::string_view text, const std::string& name);

/// One value as it would stand to the right of an equals sign. Throws  Error{Usage}
ConfigValue parse_toml_value(std::string_view text, const std::string& where);

/// A value as it stands to the right of an equals sign, on one line.
std::string to_toml_value(const ConfigValue& value);

}  // namespace redbud::cli
