#include "redbud/layers/keys.h"

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {

int64_t integer_key(const ConfigValue& config, std::string_view key, int64_t fallback) {
  const ConfigValue* value = config.find(key);
  return value != nullptr ? value->as_integer(key) : fallback;
}

double number_key(const ConfigValue& config, std::string_view key, double fallback) {
  const ConfigValue* value = config.find(key);
  return value != nullptr ? value->as_number(key) : fallback;
}

bool bool_key(const ConfigValue& config, std::string_view key, bool fallback) {
  const ConfigValue* value = config.find(key);
  return value != nullptr ? value->as_bool(key) : fallback;
}

void require_range(const ConfigValue& config, std::string_view key, double value, double low, double high, bool open) {
  if (value >= low && (open ? value < high : value <= high)) return;
  const ConfigValue* found = config.find(key);
  throw Error(ErrorKind::Usage,
              {.where = found != nullptr ? found->where : config.where,
               .fact = std::string(key) + " is out of range",
               .found = format_number(value),
               .expected = format_number(low) + " to " + (open ? "less than " : "") + format_number(high)});
}

const TensorType& only_input(std::string_view kind, std::span<const TensorType> inputs) {
  if (inputs.size() != 1) {
    throw Error(ErrorKind::Model, {.fact = std::string(kind) + " has the wrong number of inputs",
                                   .found = std::to_string(inputs.size()),
                                   .expected = "1"});
  }
  return inputs[0];
}

}  // namespace redbud
