#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/graph/layer.h"
#include "redbud/graph/parameter_store.h"

namespace redbud {

/// A named layer of a graph and the layers it reads. `layer` is null for an input.
struct Node {
  std::string name;
  std::shared_ptr<const Layer> layer;
  std::vector<int> inputs;
  std::string shares;  // the node whose parameters and buffers it uses; "" = its own
  bool frozen = false;
  LayerSignature signature;
  std::vector<int> parameters;  // into parameter_layout()
  std::vector<int> buffers;     // into buffer_layout()
};

/// Named layers and the edges between them: a DAG by construction, since a layer can only read what was added before.
/// Copyable; knows no device.
class Graph {
 public:
  /// Throws  Error{Model}: duplicate name, bad shape
  void add_input(std::string name, Shape shape);

  struct LayerOptions {
    std::vector<std::string> inputs = {};  // default: the node added last
    std::string shares = {};               // name of an earlier node of the same kind
  };
  /// Adds a layer, checks shapes, lays out its parameters. Throws  Error{Model} naming the layer
  void add(std::string name, std::shared_ptr<const Layer> layer, LayerOptions options);
  void add(std::string name, std::shared_ptr<const Layer> layer) {
    add(std::move(name), std::move(layer), LayerOptions());
  }

  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(int i) const { return nodes_[static_cast<size_t>(i)]; }
  std::optional<int> find(std::string_view name) const;
  std::vector<int> inputs() const;
  /// The node that gives the scores: the last one.
  int output() const { return static_cast<int>(nodes_.size()) - 1; }
  /// Shape of one row of the output.
  const Shape& output_shape() const { return nodes_.back().signature.output.shape; }

  void freeze(std::string_view name);

  /// Each initializer is that of its layer or, for "auto", the pair of paired_activation().
  const SegmentLayout& parameter_layout() const { return parameters_; }
  const SegmentLayout& buffer_layout() const { return buffers_; }
  int64_t parameter_count() const { return parameters_.elements(); }
  /// A store of the right layout, all zero.
  ParameterStore make_store(DType type = DType::F32) const { return ParameterStore(parameters_, buffers_, type); }

  /// A table of the layers: name, kind, output shape, parameters.
  std::string summary() const;

 private:
  /// Of node `at` and of those before it that end in its activation.
  void pair_initializers(int at);

  std::vector<Node> nodes_;
  SegmentLayout parameters_;
  SegmentLayout buffers_;
};

/// The graph as a plain configuration (kind, config, inputs of each node), and back.
ConfigValue to_config(const Graph& graph);
using LayerMaker = std::shared_ptr<const Layer> (*)(std::string_view kind, const ConfigValue& config);
Graph graph_from_config(const ConfigValue& config, LayerMaker make);

}  // namespace redbud
