#pragma once
#include <string>

#include "redbud/graph/model.h"

namespace redbud {

/// Checks that a source has rows, and that they are what the network and its loss read; `what` names it: "training".
/// Throws  Error{Data}
void require_fit(const Model& model, const SampleSource& source, const std::string& what);

/// Whether a batch of one row can't be trained on: some layer normalises by the batch's own statistics.
bool needs_batches(const Graph& graph);

}  // namespace redbud
