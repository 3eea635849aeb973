#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/graph/layer.h"

namespace redbud {

/// A key of a layer's configuration, for --help, docs and messages.
struct LayerKey {
  std::string name;
  std::string default_text;
  std::string meaning;
};

struct LayerEntry {
  std::string_view kind;
  std::string_view meaning;
  std::vector<LayerKey> keys;
  std::shared_ptr<const Layer> (*make)(const ConfigValue& config);
};

/// All kinds of layers: the one list.
const std::vector<LayerEntry>& layer_registry();

/// Adds a kind from outside the library (a program's own layer). Throws  Error{Usage} if the kind is taken
void register_layer(LayerEntry entry);

/// A layer from its configuration. Throws  Error{Usage}: unknown kind or key, naming the nearest; value out of range
std::shared_ptr<const Layer> make_layer(std::string_view kind, const ConfigValue& config);

}  // namespace redbud
