#pragma once
#include "redbud/core/config_value.h"
#include "redbud/data/recipe.h"
#include "redbud/graph/graph.h"

namespace redbud {

/// All that a model file holds: the network, its values, what it was trained to minimise, and the way from a row of
/// data to its inputs.
struct Model {
  Graph graph;
  ConfigValue loss;  // what losses/registry makes a loss of
  ParameterStore values;
  Recipe recipe;
  ConfigValue training;  // the resolved configuration of the run that made it; for inspect
};

}  // namespace redbud
