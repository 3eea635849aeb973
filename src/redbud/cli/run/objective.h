#pragma once
#include <memory>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/data/dataset.h"
#include "redbud/data/read.h"
#include "redbud/graph/loss.h"

namespace redbud::cli {

/// Checks what of loss, label_smoothing, class_weights and mixup can be checked before the data are read; a loss
/// decides a task that is "auto". Throws  Error{Usage}: settings that do not go together
void check_objective(const ConfigValue& tree, ReadOptions& read);

/// The loss of a filled tree for the data that were read. Throws  Error{Usage}: one that does not fit them
std::shared_ptr<const Loss> objective_loss(const ConfigValue& tree, const Schema& schema);

/// One weight a class; empty where class_weights is "none". Throws  Error{Usage}: not as many as there are classes
std::vector<double> class_weights(const ConfigValue& tree, const Dataset& train);

}  // namespace redbud::cli
