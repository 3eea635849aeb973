#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "redbud/graph/graph.h"
#include "redbud/graph/loss.h"

namespace redbud {

struct CheckOptions {
  std::vector<int64_t> inputs = {5};  // width of each input of the layer
  int64_t rows = 4;
  uint64_t seed = 1;
  ConfigValue loss = "mean_squared_error";  // of losses/registry
  std::vector<std::string> disabled_passes = {};
};

/// Puts the layer between dense layers, and compares the gradient of every parameter, those below it included (so its
/// input gradients are checked, too), with central differences, in double by the reference kernels.
testing::AssertionResult check_layer(std::shared_ptr<const Layer> layer, const CheckOptions& options = {});

/// The same for a whole graph; frozen parameters have no gradient.
testing::AssertionResult check_graph(const Graph& graph, const CheckOptions& options = {});

/// The fast kernels in f32 against the reference in f64 on the same graph: loss and all gradients.
testing::AssertionResult check_fast_path(const Graph& graph, const CheckOptions& options = {});

}  // namespace redbud
