#pragma once
#include <vector>

#include "redbud/report/advice/advice.h"

namespace redbud::cli {

/// What makes a call of a run's model faster, the cheapest first, each with the time that was measured on this machine:
/// batch norm folded (as `redbud predict` does by itself), leaky ReLU in the place of ELU, half as many units.
/// Throws  Error{Model, Usage}: no model, or a network that can't be built
std::vector<Advice> advise_fast(const RunEvidence& run);

}  // namespace redbud::cli
