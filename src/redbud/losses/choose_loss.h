#pragma once
#include "redbud/data/recipe.h"
#include "redbud/graph/loss.h"

namespace redbud {

/// The loss that a wish means for a task: "auto" is softmax_cross_entropy for classes, sigmoid_cross_entropy for
/// labels, mean_squared_error for numbers; "focal" and "hinge" are sigmoid_focal and binary_hinge for labels. Throws
/// Error{Usage}: not a loss; one that does not fit the task
std::shared_ptr<const Loss> choose_loss(const ConfigValue& wanted, Task task);

/// The task of targets of that kind.
Task task_of(TargetKind targets);

/// How the numbers that a loss compares must lie.
TargetScaling target_scaling(const Loss& loss);

}  // namespace redbud
