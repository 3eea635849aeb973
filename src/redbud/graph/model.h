#pragma once
#include <string>

#include "redbud/data/recipe.h"
#include "redbud/graph/graph.h"

namespace redbud {

/// All that a model file holds: the network, its values, what it was trained to minimise, and the way from a row of
/// data to its inputs.
struct Model {
  Graph graph;
  std::string loss;  // a name of losses/registry
  ParameterStore values;
  Recipe recipe;
  ConfigValue training;  // the resolved configuration of the run that made it; for inspect
};

}  // namespace redbud
