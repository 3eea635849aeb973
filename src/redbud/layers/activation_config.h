#pragma once
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/kernels/activation.h"

namespace redbud {

/// The pointwise functions by name, with their default constants.
kernels::Activation elu(double alpha = 1.0);
kernels::Activation relu();
kernels::Activation leaky_relu(double slope = 0.01);
kernels::Activation selu();
kernels::Activation logistic();
kernels::Activation tanh();
kernels::Activation softplus();
kernels::Activation softsign();
kernels::Activation hard_sigmoid();
kernels::Activation relu6();
kernels::Activation identity();

std::vector<std::string> activation_names();
std::string activation_name(const kernels::Activation& activation);

/// From "elu" or { name = "elu", alpha = 1.0 }. Throws  Error{Usage} naming the nearest known name
kernels::Activation activation_from_config(const ConfigValue& config);
ConfigValue to_config(const kernels::Activation& activation);

}  // namespace redbud
