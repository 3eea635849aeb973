#include "redbud/graph/graph.h"

#include <fmt/format.h>

#include <algorithm>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/graph/paired_activation.h"

namespace redbud {
namespace {

std::vector<std::string> names_of(const std::vector<Node>& nodes) {
  std::vector<std::string> names;
  for (const Node& node : nodes) names.push_back(node.name);
  return names;
}

void require_new_name(const Graph& graph, const std::string& name) {
  if (name.empty() || graph.find(name)) {
    throw Error(ErrorKind::Model, {.where = "layer " + quote(name),
                                   .fact = name.empty() ? "a layer has no name" : "two layers have the same name",
                                   .expected = "a name of its own for each layer"});
  }
}

int require_node(const Graph& graph, const std::string& reader, const std::string& name) {
  if (const auto at = graph.find(name)) return *at;
  throw Error(ErrorKind::Model, {.where = "layer " + quote(reader),
                                 .fact = "reads a layer that was not defined before it",
                                 .found = quote(name),
                                 .expected = "an earlier layer",
                                 .hint = did_you_mean(name, names_of(graph.nodes()))});
}

/// Whether the layer that brought a parameter leaves its initializer open.
bool is_open(const std::vector<Node>& nodes, int parameter) {
  for (const Node& node : nodes) {
    for (size_t i = 0; i < node.parameters.size(); ++i) {
      if (node.parameters[i] == parameter) return node.signature.parameters[i].initializer.name == "auto";
    }
  }
  return false;
}

}  // namespace

void Graph::add_input(std::string name, Shape shape) {
  require_new_name(*this, name);
  if (shape.elements() < 1) {
    throw Error(ErrorKind::Model, {.where = "input " + quote(name),
                                   .fact = "an input has no elements",
                                   .found = to_string(shape),
                                   .expected = "extents of at least 1"});
  }
  Node node;
  node.name = std::move(name);
  node.signature.output.shape = shape;
  nodes_.push_back(std::move(node));
}

void Graph::add(std::string name, std::shared_ptr<const Layer> layer, LayerOptions options) {
  require_new_name(*this, name);
  Node node;
  node.name = std::move(name);
  node.layer = std::move(layer);
  node.shares = options.shares;
  if (options.inputs.empty() && !nodes_.empty()) options.inputs.push_back(nodes_.back().name);
  std::vector<TensorType> inputs;
  for (const std::string& input : options.inputs) {
    node.inputs.push_back(require_node(*this, node.name, input));
    inputs.push_back(nodes_[static_cast<size_t>(node.inputs.back())].signature.output);
  }
  try {
    node.signature = node.layer->infer(inputs);
  } catch (const Error& e) {
    ErrorText text = e.text();
    text.where = "layer " + quote(node.name) + (text.where.empty() ? "" : ", " + text.where);
    throw Error(e.kind(), text);
  }
  std::string owner = node.name;
  if (!options.shares.empty()) owner = nodes_[static_cast<size_t>(require_node(*this, node.name, options.shares))].name;
  for (const ParameterSpec& p : node.signature.parameters) {
    node.parameters.push_back(parameters_.add({.name = owner + "." + p.name,
                                               .shape = p.shape,
                                               .decayed = p.decayed,
                                               .initializer = p.initializer,
                                               .fans = p.fans}));
  }
  for (const BufferSpec& b : node.signature.buffers) {
    node.buffers.push_back(buffers_.add(
        {.name = owner + "." + b.name, .shape = b.shape, .initializer = {}, .fans = {}, .initial = b.initial}));
  }
  nodes_.push_back(std::move(node));
  pair_initializers(output());
}

void Graph::pair_initializers(int at) {
  const Node& node = nodes_[static_cast<size_t>(at)];
  for (const int p : node.parameters) {
    Segment& segment = parameters_.segments()[static_cast<size_t>(p)];
    if (is_open(nodes_, p)) segment.initializer = initializer_for(paired_activation(*this, p));
  }
  for (const int input : node.inputs) {
    if (at == output() || node.layer->keeps_units()) pair_initializers(input);
  }
}

std::optional<int> Graph::find(std::string_view name) const {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].name == name) return static_cast<int>(i);
  }
  return std::nullopt;
}

std::vector<int> Graph::inputs() const {
  std::vector<int> found;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].layer) found.push_back(static_cast<int>(i));
  }
  return found;
}

void Graph::freeze(std::string_view name) {
  Node& node = nodes_[static_cast<size_t>(require_node(*this, "freeze", std::string(name)))];
  node.frozen = true;
  for (int p : node.parameters) parameters_.segments()[static_cast<size_t>(p)].trainable = false;
}

std::string Graph::summary() const {
  size_t kind_width = 12;
  for (const Node& node : nodes_) kind_width = std::max(kind_width, node.layer ? node.layer->kind().size() : 0);
  std::string text =
      fmt::format("{:<18} {:<{}} {:>14} {:>12}  {}\n", "layer", "kind", kind_width, "output", "parameters", "reads");
  for (const Node& node : nodes_) {
    int64_t count = 0;
    for (const ParameterSpec& p : node.signature.parameters) count += p.shape.elements();
    std::string reads;
    for (int i : node.inputs) reads += (reads.empty() ? "" : ", ") + nodes_[static_cast<size_t>(i)].name;
    if (!node.shares.empty()) reads += "  (shares " + node.shares + ")";
    if (node.frozen) reads += "  (frozen)";
    text += fmt::format("{:<18} {:<{}} {:>14} {:>12}  {}\n", node.name, node.layer ? node.layer->kind() : "input",
                        kind_width, to_string(node.signature.output.shape),
                        node.shares.empty() ? with_thousands(count) : "-", reads);
  }
  text += fmt::format("{} parameters", with_thousands(parameter_count()));
  return text;
}

}  // namespace redbud
