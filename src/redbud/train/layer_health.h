#pragma once
#include <optional>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"

namespace redbud {

/// How a layer (weights, and the normalisation and activation that follow them) fared in an epoch. Norms are per
/// element, sqrt(mean of squares), so that layers of any width compare. What doesn't apply is absent.
struct LayerHealth {
  std::string layer;                             // "hidden1"
  std::optional<double> activation_norm = {};    // of what the layer gives, over validation rows
  std::optional<double> gradient_norm = {};      // of its weights' gradient, in the epoch's last full step
  std::optional<double> weight_norm = {};        // after that step
  std::optional<double> update_ratio = {};       // |change of the weights| / |weights| of that step
  std::optional<double> dead = {};               // share of units whose derivative was 0 for every row
  std::optional<double> saturated = {};          // share of outputs where the derivative is below 5 % of its greatest
  std::optional<double> norm_out_of_range = {};  // share of batch norm's features whose running statistics are unusable
};

/// {"layer":"hidden1","activation_norm":...,...}; null where a figure doesn't apply or is not finite.
ConfigValue to_config(const LayerHealth& health);
/// Throws  Error{Usage}: a figure is no number
LayerHealth layer_health_from_config(const ConfigValue& config);

/// What a layer is made of, for words about it.
struct LayerMakeup {
  std::string layer;        // "hidden1"
  std::string activation;   // "logistic"; "identity" for the output
  std::string initializer;  // "glorot_normal"
  bool normalised = false;  // a batch norm or layer norm follows the weights
};

}  // namespace redbud
