#pragma once
#include <string_view>

#include "redbud/core/config_value.h"
#include "redbud/graph/layer.h"

namespace redbud {

/// Reads the keys of a layer's configuration, with a default where one isn't given.
int64_t integer_key(const ConfigValue& config, std::string_view key, int64_t fallback);
double number_key(const ConfigValue& config, std::string_view key, double fallback);
bool bool_key(const ConfigValue& config, std::string_view key, bool fallback);

/// Throws Error{Usage} unless low <= value <= high (or < high if `open`).
void require_range(const ConfigValue& config, std::string_view key, double value, double low, double high,
                   bool open = false);

/// The one input of a layer that takes one. Throws  Error{Model} if there are more or fewer
const TensorType& only_input(std::string_view kind, std::span<const TensorType> inputs);

}  // namespace redbud
