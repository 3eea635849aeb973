#pragma once
#include <span>
#include <vector>

#include "redbud/graph/layer.h"
#include "redbud/kernels/activation.h"

namespace redbud {

/// What an activation of so many features trains: the slopes of prelu, named "slope", not decayed; nothing for others.
std::vector<ParameterSpec> activation_parameters(const kernels::Activation& activation, int64_t features);

/// Emits the activation of z. `parameters` are those of activation_parameters(). Where slopes are drawn, they are their
/// mean outside of training and in a frozen layer.
Value apply_activation(const kernels::Activation& activation, Value z, std::span<const Value> parameters, bool frozen,
                       PlanBuilder& plan);

}  // namespace redbud
