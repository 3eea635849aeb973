// Names, keys and ranges of [[train.layer]].
#include <fmt/format.h>

#include <cmath>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/optim/optimizer.h"

namespace redbud {
namespace {

struct Key {
  std::string_view name;
  std::optional<double> LayerSettings::*value;
};
constexpr Key kKeys[] = {{"learning_rate_factor", &LayerSettings::learning_rate_factor},
                         {"decay_factor", &LayerSettings::decay_factor},
                         {"l1", &LayerSettings::l1},
                         {"l2", &LayerSettings::l2},
                         {"weight_decay", &LayerSettings::weight_decay},
                         {"max_norm", &LayerSettings::max_norm}};

[[noreturn]] void refuse_key(const ConfigEntry& entry) {
  std::vector<std::string> known = {"name"};
  for (const Key& key : kKeys) known.emplace_back(key.name);
  throw Error(ErrorKind::Usage, {.where = entry.value.where,
                                 .fact = "unknown key " + quote(entry.key) + " in [[train.layer]]",
                                 .expected = fmt::format("one of {}", fmt::join(known, ", ")),
                                 .hint = did_you_mean(entry.key, known)});
}

void read_key(const ConfigEntry& entry, LayerSettings& layer) {
  if (entry.key == "name") {
    layer.name = entry.value.as_text("train.layer.name");
    return;
  }
  for (const Key& key : kKeys) {
    if (key.name != entry.key) continue;
    const double number = entry.value.as_number(entry.key);
    if (!(number >= 0.0 && std::isfinite(number))) {
      throw Error(ErrorKind::Usage, {.where = entry.value.where,
                                     .fact = fmt::format("train.layer.{} is out of range", entry.key),
                                     .found = format_number(number),
                                     .expected = "a finite number of at least 0"});
    }
    layer.*key.value = number;
    return;
  }
  refuse_key(entry);
}

}  // namespace

std::vector<LayerSettings> layers_from_config(const ConfigValue& list) {
  std::vector<LayerSettings> layers;
  for (const ConfigValue& table : list.as_list("train.layer")) {
    LayerSettings layer;
    layer.where = table.where;
    for (const ConfigEntry& entry : table.as_table("train.layer")) read_key(entry, layer);
    if (layer.name.empty()) {
      throw Error(ErrorKind::Usage, {.where = table.where,
                                     .fact = "a [[train.layer]] has no name",
                                     .expected = "name = \"hidden1\", or \"hidden*\""});
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

ConfigValue to_config(const std::vector<LayerSettings>& layers) {
  ConfigValue::List list;
  for (const LayerSettings& layer : layers) {
    ConfigValue table;
    table.set("name", layer.name);
    for (const Key& key : kKeys) {
      if (layer.*key.value) table.set(key.name, *(layer.*key.value));
    }
    list.push_back(std::move(table));
  }
  return list;
}

}  // namespace redbud
