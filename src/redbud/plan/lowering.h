#pragma once
#include <vector>

#include "redbud/graph/graph.h"
#include "redbud/graph/loss.h"
#include "redbud/plan/op_list.h"
#include "redbud/plan/plan.h"

namespace redbud {

/// A graph as forward ops, with the values that are filled and read from outside.
struct Lowered {
  OpList list;
  std::vector<Value> inputs;
  Value target;
  Value weight;
  Value output;  // scores, or predictions
  Value loss;
  std::vector<Value> watched;   // read after the run, too
  bool differentiated = false;  // the gradients of its ops are wanted: passes must leave what those read
};

/// Whether a value is read from outside after a run.
bool is_result(const Lowered& lowered, Value v);

/// Lowers every layer in order, then the loss or the prediction. Slots are made for what comes from outside.
Lowered lower(const Graph& graph, const Loss* loss, const PlanOptions& options);

}  // namespace redbud
