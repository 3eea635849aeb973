// Names, keys and ranges of weight_average.
#include <fmt/format.h>

#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/train/trainer.h"

namespace redbud {
namespace {

using Kind = WeightAverageConfig::Kind;

[[noreturn]] void refuse(const std::string& where, std::string fact, std::string found, std::string expected) {
  throw Error(ErrorKind::Usage,
              {.where = where, .fact = std::move(fact), .found = std::move(found), .expected = std::move(expected)});
}

double share_of(const ConfigValue& value, const char* key) {
  const double number = value.as_number(key);
  if (number >= 0.0 && number < 1.0) return number;
  refuse(value.where, fmt::format("{} is out of range", key), format_number(number), "a number in [0, 1)");
}

Kind kind_of(const ConfigValue& value) {
  const std::string& word = value.as_text("weight_average.kind");
  if (word == "ema") return Kind::Ema;
  if (word == "swa") return Kind::Swa;
  refuse(value.where, "weight_average has an unknown kind", quote(word), "ema or swa");
}

void read_key(const ConfigEntry& entry, WeightAverageConfig& config) {
  const bool is_swa = config.kind == Kind::Swa;
  if (entry.key == "kind") return;
  if (entry.key == "decay" && !is_swa) {
    config.decay = share_of(entry.value, "weight_average.decay");
  } else if (entry.key == "start" && is_swa) {
    config.start = share_of(entry.value, "weight_average.start");
  } else if (entry.key == "each" && is_swa) {
    const std::string& word = entry.value.as_text("weight_average.each");
    if (word != "epoch" && word != "step") {
      refuse(entry.value.where, "weight_average.each has an unknown value", quote(word), "epoch or step");
    }
    config.each_epoch = word == "epoch";
  } else {
    refuse(entry.value.where, fmt::format("weight_average of kind {} has no key {}", is_swa ? "swa" : "ema", entry.key),
           "", is_swa ? "kind, start or each" : "kind or decay");
  }
}

}  // namespace

WeightAverageConfig weight_average_from_config(const ConfigValue& config) {
  if (config.is_number()) return share_of(config, "weight_average");
  WeightAverageConfig result(0.999);
  if (config.is_text()) {
    result.kind = kind_of(config);
    return result;
  }
  const auto& table = config.as_table("weight_average");
  if (const ConfigValue* kind = config.find("kind")) result.kind = kind_of(*kind);
  for (const ConfigEntry& entry : table) read_key(entry, result);
  if (result.kind == Kind::Ema && result.decay == 0.0) result.kind = Kind::None;
  return result;
}

ConfigValue to_config(const WeightAverageConfig& config) {
  if (config.kind != Kind::Swa) return config.decay;
  ConfigValue table;
  table.set("kind", "swa");
  table.set("start", config.start);
  table.set("each", config.each_epoch ? "epoch" : "step");
  return table;
}

}  // namespace redbud
