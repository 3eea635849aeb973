#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "redbud/graph/loss.h"

namespace redbud {

/// softmax_cross_entropy, sigmoid_cross_entropy, mean_squared_error. Throws  Error{Usage} naming the nearest
const Loss& find_loss(std::string_view name);
std::vector<std::string> loss_names();

}  // namespace redbud
