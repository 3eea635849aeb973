#include "redbud/train/watched_layers.h"

#include <algorithm>

namespace redbud {
namespace {

bool has_weights(const Node& node) {
  return node.layer && !node.signature.parameters.empty() && node.signature.parameters[0].shape.rank() >= 2;
}

/// The one node that reads `at`, or -1.
int only_reader(const Graph& graph, int at) {
  int found = -1;
  for (int i = at + 1; i <= graph.output(); ++i) {
    const std::vector<int>& inputs = graph.node(i).inputs;
    if (std::find(inputs.begin(), inputs.end(), at) == inputs.end()) continue;
    if (found >= 0 || inputs.size() != 1) return -1;
    found = i;
  }
  return found;
}

/// "tanh" of "tanh" or of { name = "tanh", ... }; "" where the layer has no such key.
std::string function_name(const Node& node, const char* key) {
  const ConfigValue config = node.layer->config();
  const ConfigValue* function = config.find(key);
  if (function != nullptr && function->is_table()) function = function->find("name");
  return function != nullptr && function->is_text() ? function->as_text(key) : "";
}

WatchedLayer watched_layer(const Graph& graph, int at) {
  const Node& node = graph.node(at);
  WatchedLayer layer{.makeup = {.layer = node.name,
                                .activation = function_name(node, "activation"),
                                .initializer = graph.parameter_layout()[node.parameters[0]].initializer.name},
                     .node = at,
                     .weight = node.parameters[0],
                     .watched = at,
                     .norms = {}};
  if (layer.makeup.activation.empty()) layer.makeup.activation = "identity";
  for (int i = only_reader(graph, at); i >= 0 && !has_weights(graph.node(i)); i = only_reader(graph, i)) {
    const Node& next = graph.node(i);
    if (next.layer->kind() == "batch_norm") layer.norms.push_back(i);
    if (next.layer->kind().ends_with("_norm")) {
      layer.makeup.normalised = true;
    } else if (const std::string function = function_name(next, "function");
               !function.empty() && layer.makeup.activation == "identity") {
      layer.makeup.activation = function;
      layer.watched = i;
    }
  }
  return layer;
}

}  // namespace

std::vector<WatchedLayer> watched_layers(const Graph& graph) {
  std::vector<WatchedLayer> layers;
  for (int i = 0; i <= graph.output(); ++i) {
    if (has_weights(graph.node(i))) layers.push_back(watched_layer(graph, i));
  }
  return layers;
}

std::vector<int> watched_nodes(const Graph& graph) {
  std::vector<int> nodes;
  for (const WatchedLayer& layer : watched_layers(graph)) nodes.push_back(layer.watched);
  return nodes;
}

}  // namespace redbud
