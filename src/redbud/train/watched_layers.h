#pragma once
#include <vector>

#include "redbud/graph/graph.h"
#include "redbud/train/layer_health.h"

namespace redbud {

/// A layer with weights, and what follows it up to the next: normalisation, activation, dropout.
struct WatchedLayer {
  LayerMakeup makeup;
  int node = -1;           // that has the weights
  int weight = -1;         // its parameter
  int watched = -1;        // the node whose output is what the layer gives: the activation, if there is one
  std::vector<int> norms;  // nodes of batch normalisation
};

/// The layers of a graph whose health is watched: those whose first parameter is a matrix of weights.
std::vector<WatchedLayer> watched_layers(const Graph& graph);
/// Their nodes `watched`.
std::vector<int> watched_nodes(const Graph& graph);

}  // namespace redbud
