#pragma once
#include <string>
#include <vector>

#include "redbud/graph/graph.h"

namespace redbud::cli {

/// A sentence for each pair of activation and initializer in the network that is legal but known to learn badly; each
/// once.
std::vector<std::string> doubtful_pairs(const Graph& graph);

}  // namespace redbud::cli
