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

Initializer initializer_key(const ConfigValue& config, std::string_view key) {
  const ConfigValue* value = config.find(key);
  if (value == nullptr) return {};
  Initializer initializer;
  if (value->is_text()) {
    initializer.name = value->as_text(key);
  } else {
    if (const ConfigValue* name = value->find("name")) initializer.name = name->as_text("initializer.name");
    initializer.gain = number_key(*value, "gain", 1.0);
  }
  if (initializer.name == "auto") return initializer;
  for (const std::string& known : initializer_names()) {
    if (known == initializer.name) return initializer;
  }
  const std::string near = nearest(initializer.name, initializer_names());
  throw Error(ErrorKind::Usage, {.where = value->where,
                                 .fact = "unknown initializer",
                                 .found = quote(initializer.name),
                                 .expected = "auto, glorot_normal, he_normal, lecun_normal, ...",
                                 .hint = near.empty() ? "" : "did you mean " + near + "?"});
}

ConfigValue to_config(const Initializer& initializer) {
  if (initializer.gain == 1.0) return initializer.name;
  ConfigValue config;
  config.set("name", initializer.name);
  config.set("gain", initializer.gain);
  return config;
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
