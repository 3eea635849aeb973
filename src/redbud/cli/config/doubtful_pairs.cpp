#include "redbud/cli/config/doubtful_pairs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redbud/graph/paired_activation.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/initializer_config.h"

namespace redbud::cli {
namespace {

using Names = std::vector<std::string_view>;

/// Initializers are meant with all that begin so: "he_" is he_normal, he_uniform, ...
struct DoubtfulPair {
  Names activations;  // none: any
  Names initializers;
  int least_layers;  // that have this pair
  std::string_view why;
};

const std::vector<DoubtfulPair>& table() {
  static const Names kBounded = {"logistic", "tanh", "softsign", "hard_sigmoid"};
  static const Names kRectifiers = {"relu", "leaky_relu", "prelu", "rrelu", "relu6",
                                    "gelu", "gelu_tanh",  "silu",  "mish",  "hard_swish"};
  static const std::vector<DoubtfulPair> kTable = {
      {{"elu", "softplus"},
       {"lecun_"},
       1,
       "LeCun's variance is for selu and fades from layer to layer; he_normal holds it"},
      {kRectifiers, {"glorot_", "lecun_"}, 5, "each layer halves the variance of the signal; he_normal holds it"},
      {{"selu"}, {"he_", "glorot_"}, 1, "selu normalises itself only from lecun_normal"},
      {kBounded,
       {"he_"},
       1,
       "He's variance is for functions that are 0 on one side; glorot_normal keeps these unsaturated"},
      {kBounded,
       {"normal"},
       1,
       "weights that don't shrink with the number of inputs saturate it; glorot_normal doesn't"},
      {{},
       {"zeros", "ones", "constant"},
       1,
       "all units of a layer start alike and stay alike; any random initializer parts them"},
  };
  return kTable;
}

struct Layer {
  std::string activation;
  std::string initializer;
};

/// The dense layers that end in an activation, their own or that of a layer behind them.
std::vector<Layer> layers_of(const Graph& graph) {
  std::vector<Layer> layers;
  for (int i = 0; i <= graph.output(); ++i) {
    const Node& node = graph.node(i);
    const auto activation = activation_of(graph, i);
    if (!node.layer || node.layer->kind() != "dense" || !activation || activation->is_identity()) continue;
    const ConfigValue config = node.layer->config();
    layers.push_back({activation_name(*activation), initializer_from_config(*config.find("initializer")).name});
  }
  return layers;
}

bool fits(const DoubtfulPair& pair, const Layer& layer) {
  const bool activation = pair.activations.empty() || std::find(pair.activations.begin(), pair.activations.end(),
                                                                layer.activation) != pair.activations.end();
  return activation && std::any_of(pair.initializers.begin(), pair.initializers.end(), [&](std::string_view start) {
           return start.ends_with('_') ? layer.initializer.starts_with(start) : layer.initializer == start;
         });
}

}  // namespace

std::vector<std::string> doubtful_pairs(const Graph& graph) {
  const std::vector<Layer> layers = layers_of(graph);
  std::vector<std::string> warnings;
  for (const DoubtfulPair& pair : table()) {
    const auto is_such = [&](const Layer& layer) { return fits(pair, layer); };
    const auto first = std::find_if(layers.begin(), layers.end(), is_such);
    if (std::count_if(layers.begin(), layers.end(), is_such) < pair.least_layers) continue;
    warnings.push_back(
        fmt::format("activation {} with initializer {}: {}", first->activation, first->initializer, pair.why));
  }
  return warnings;
}

}  // namespace redbud::cli
