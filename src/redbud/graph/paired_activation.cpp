#include "redbud/graph/paired_activation.h"

#include <algorithm>

#include "redbud/graph/graph.h"

namespace redbud {
namespace {

bool has(const std::vector<int>& numbers, int number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

}  // namespace

std::optional<kernels::Activation> activation_of(const Graph& graph, int at) {
  if (const auto& layer = graph.node(at).layer; layer && layer->activation()) return layer->activation();
  std::optional<kernels::Activation> common;
  for (int i = at + 1; i <= graph.output(); ++i) {
    if (!has(graph.node(i).inputs, at)) continue;
    if (!graph.node(i).layer->keeps_units()) return std::nullopt;
    const auto found = activation_of(graph, i);
    if (!found || (common && *common != *found)) return std::nullopt;
    common = found;
  }
  return common;
}

kernels::Activation paired_activation(const Graph& graph, int parameter) {
  std::optional<kernels::Activation> common;
  for (int i = 0; i <= graph.output(); ++i) {
    if (!has(graph.node(i).parameters, parameter)) continue;
    const auto found = activation_of(graph, i);
    if (!found || (common && *common != *found)) return {};
    common = found;
  }
  return common.value_or(kernels::Activation{});
}

}  // namespace redbud
