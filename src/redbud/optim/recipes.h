#pragma once
#include "redbud/optim/gradient_transform.h"
#include "redbud/optim/optimizer.h"

namespace redbud {

/// The chain that a configuration means:
///
///   clip_tensor_norm -> clip_norm -> clip_value -> l2 -> l1 -> the rule -> weight_decay -> learning rate
///
/// The norms are those of the raw gradients, so a limit means the same whatever is clipped by value or decayed.
TransformChain make_chain(const OptimizerConfig& resolved);

}  // namespace redbud
