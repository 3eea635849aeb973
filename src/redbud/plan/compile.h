#pragma once
#include "redbud/graph/graph.h"
#include "redbud/plan/lowering.h"
#include "redbud/plan/plan.h"

namespace redbud {

/// Lowers, runs the passes that are not disabled, differentiates. `ran` gets the names of the passes that changed
/// something. Throws  Error{Usage} for an unknown pass
Lowered compile(const Graph& graph, const Loss* loss, const PlanOptions& options, std::vector<std::string>& ran);

}  // namespace redbud
