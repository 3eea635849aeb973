#include "redbud/predict/chain.h"

#include <algorithm>

#include "redbud/layers/activation_config.h"
#include "redbud/plan/memory_plan.h"

namespace redbud {
namespace {

void* parameter_of(const Model& model, const Node& node, size_t p) {
  auto& values = const_cast<ParameterStore&>(model.values);  // kernels take one kind of matrix; weights are only read
  return values.parameter(node.parameters[p]).data();
}

bool needs_packing(const kernels::LinearForwardProblem& problem) {
  constexpr int64_t kLine = 64 / sizeof(float);
  return problem.outputs % kLine != 0;
}

/// What the product's kernel applies, or nothing if that takes more than constants.
std::optional<kernels::Activation> fixed_activation(const ConfigValue& config) {
  const kernels::Activation activation = in_prediction(activation_from_config(config));
  if (activation.kind == kernels::ActivationKind::Prelu) return std::nullopt;
  return activation;
}

std::optional<ChainLayer> chain_layer(const Model& model, const Node& node) {
  const Shape& shape = node.signature.parameters[0].shape;
  const auto activation = fixed_activation(*node.layer->config().find("activation"));
  if (!activation) return std::nullopt;
  ChainLayer layer;
  layer.problem = {
      .inputs = shape[0], .outputs = shape[1], .bias = node.parameters.size() > 1, .activation = *activation};
  layer.args.w = {parameter_of(model, node, 0), shape[1]};
  if (layer.problem.bias) layer.args.b = parameter_of(model, node, 1);
  return layer;
}

}  // namespace

std::optional<std::vector<ChainLayer>> chain_of(const Model& model) {
  std::vector<ChainLayer> chain;
  const auto& nodes = model.graph.nodes();
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    if (i == 0 && !node.layer) continue;
    if (!node.layer || node.inputs != std::vector<int>{static_cast<int>(i) - 1}) return std::nullopt;
    if (node.layer->config().find("weight_standardization") != nullptr) return std::nullopt;
    if (node.layer->kind() == "dense") {
      const auto layer = chain_layer(model, node);
      if (!layer) return std::nullopt;
      chain.push_back(*layer);
    } else if (node.layer->kind() == "activation" && !chain.empty() && chain.back().problem.activation.is_identity()) {
      const auto activation = fixed_activation(*node.layer->config().find("function"));
      if (!activation) return std::nullopt;
      chain.back().problem.activation = *activation;
    } else {
      return std::nullopt;
    }
  }
  if (chain.empty()) return std::nullopt;
  for (ChainLayer& layer : chain)
    layer.kernel = kernels::choose(kernels::linear_forward_kernels(), layer.problem).kernel;
  return chain;
}

AlignedBuffer pack_weights(std::vector<ChainLayer>& chain) {
  int64_t floats = 0;
  for (const ChainLayer& layer : chain) {
    if (needs_packing(layer.problem)) floats += layer.problem.inputs * padded_row(layer.problem.outputs, sizeof(float));
  }
  AlignedBuffer packed(floats * int64_t{sizeof(float)});
  float* to = packed.as<float>().data();
  for (ChainLayer& layer : chain) {
    if (!needs_packing(layer.problem)) continue;
    const kernels::Matrix copy{to, padded_row(layer.problem.outputs, sizeof(float))};
    for (int64_t i = 0; i < layer.problem.inputs; ++i) {
      std::copy_n(layer.args.w.row<float>(i), layer.problem.outputs, copy.row<float>(i));
    }
    layer.args.w = copy;
    to += layer.problem.inputs * copy.stride;
  }
  return packed;
}

}  // namespace redbud
