#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/graph/graph.h"

namespace redbud {
namespace {

const ConfigValue& require(const ConfigValue& table, std::string_view key) {
  if (const ConfigValue* value = table.find(key)) return *value;
  throw Error(ErrorKind::Model,
              {.where = table.where, .fact = "a layer of the graph lacks the key " + std::string(key)});
}

ConfigValue shape_to_config(const Shape& shape) {
  ConfigValue::List list;
  for (int64_t extent : shape) list.emplace_back(extent);
  return list;
}

Shape shape_from_config(const ConfigValue& config) {
  std::vector<int64_t> extents;
  for (const ConfigValue& extent : config.as_list("shape")) extents.push_back(extent.as_integer("shape"));
  return Shape(extents);
}

ConfigValue node_to_config(const Graph& graph, const Node& node) {
  ConfigValue entry;
  entry.set("name", node.name);
  if (!node.layer) {
    entry.set("kind", "input");
    entry.set("shape", shape_to_config(node.signature.output.shape));
    return entry;
  }
  entry.set("kind", node.layer->kind());
  ConfigValue::List inputs;
  for (int i : node.inputs) inputs.emplace_back(graph.node(i).name);
  entry.set("inputs", inputs);
  if (!node.shares.empty()) entry.set("shares", node.shares);
  if (node.frozen) entry.set("frozen", true);
  entry.set("config", node.layer->config());
  return entry;
}

}  // namespace

ConfigValue to_config(const Graph& graph) {
  ConfigValue::List nodes;
  for (const Node& node : graph.nodes()) nodes.push_back(node_to_config(graph, node));
  return nodes;
}

Graph graph_from_config(const ConfigValue& config, LayerMaker make) {
  Graph graph;
  for (const ConfigValue& entry : config.as_list("graph")) {
    const std::string& name = require(entry, "name").as_text("name");
    const std::string& kind = require(entry, "kind").as_text("kind");
    if (kind == "input") {
      graph.add_input(name, shape_from_config(require(entry, "shape")));
      continue;
    }
    Graph::LayerOptions options;
    for (const ConfigValue& input : require(entry, "inputs").as_list("inputs"))
      options.inputs.push_back(input.as_text("inputs"));
    if (const ConfigValue* shares = entry.find("shares")) options.shares = shares->as_text("shares");
    graph.add(name, make(kind, require(entry, "config")), std::move(options));
    if (const ConfigValue* frozen = entry.find("frozen"); frozen != nullptr && frozen->as_bool("frozen"))
      graph.freeze(name);
  }
  if (graph.nodes().empty() || !graph.nodes().back().layer) {
    throw Error(ErrorKind::Model, {.where = config.where, .fact = "the graph has no layers"});
  }
  return graph;
}

}  // namespace redbud
