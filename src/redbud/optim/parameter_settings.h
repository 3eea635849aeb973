#pragma once
#include <optional>
#include <string>
#include <vector>

#include "redbud/graph/parameter_store.h"
#include "redbud/optim/optimizer.h"

namespace redbud {

/// What belongs to the update of one parameter beside the rule: that of [train], changed by [[train.layer]].
struct ParameterSettings {
  double rate = 1.0;  // factor on the learning rate
  double l1 = 0.0;    // these three 0 where nothing is decayed (biases)
  double l2 = 0.0;
  double weight_decay = 0.0;

  friend bool operator==(const ParameterSettings&, const ParameterSettings&) = default;
};
ParameterSettings settings_of(const OptimizerConfig& config, const Segment& segment);
/// The limit that holds for a parameter; 0: none.
double max_norm_of(const OptimizerConfig& config, const Segment& segment);

/// Whether `pattern` means a parameter: the name of its layer ("hidden1") or its own ("hidden1.weight"), where * stands
/// for any characters and ? for one.
bool names_parameter(std::string_view pattern, std::string_view parameter);

/// Throws  Error{Usage}: a [[train.layer]] that means no parameter; names the nearest
void check_layer_names(const OptimizerConfig& config, const SegmentLayout& layout);

}  // namespace redbud
