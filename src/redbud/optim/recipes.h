#pragma once
#include "redbud/optim/gradient_transform.h"
#include "redbud/optim/optimizer.h"

namespace redbud {

/// The chain that a configuration means:
///
///   clip_tensor_norm -> clip_norm -> clip_value -> l2 -> the rule -> weight_decay -> learning rate -> l1
///
/// ftrl does all after clip_value itself, schedule_free_adamw all after l2; lamb's trust ratio follows weight_decay.
/// The norms are those of the raw gradients, so a limit means the same whatever is clipped by value or decayed.
TransformChain make_chain(const OptimizerConfig& resolved);

}  // namespace redbud
