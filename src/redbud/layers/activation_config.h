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
kernels::Activation hard_sigmoid(double slope = 1.0 / 6.0);
kernels::Activation relu6();
kernels::Activation gelu();
kernels::Activation gelu_tanh();
kernels::Activation silu();
kernels::Activation mish();
kernels::Activation hard_swish();
kernels::Activation prelu(double slope = 0.25);
kernels::Activation rrelu(double lower = 1.0 / 8.0, double upper = 1.0 / 3.0);
kernels::Activation identity();

std::vector<std::string> activation_names();
/// All keys that a table of an activation may have: "name", and the constants.
std::vector<std::string> activation_keys();
std::string activation_name(const kernels::Activation& activation);

/// From "elu" or { name = "elu", alpha = 1.0 }. Throws  Error{Usage} naming the nearest known name
kernels::Activation activation_from_config(const ConfigValue& config);
ConfigValue to_config(const kernels::Activation& activation);

}  // namespace redbud
