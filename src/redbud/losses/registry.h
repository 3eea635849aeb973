#pragma once
#include <memory>
#include <string>
#include <vector>

#include "redbud/graph/loss.h"

namespace redbud {

/// From "huber" or { name = "huber", delta = 1.0 }.
/// Throws  Error{Usage}: unknown name or key (naming the nearest), a constant out of range
std::shared_ptr<const Loss> loss_from_config(const ConfigValue& config);

/// softmax_cross_entropy focal hinge · sigmoid_cross_entropy sigmoid_focal binary_hinge · mean_squared_error mae huber
/// quantile poisson · cosine
std::vector<std::string> loss_names();
/// All keys that a loss' table may have, "name" first.
std::vector<std::string> loss_keys();

}  // namespace redbud
