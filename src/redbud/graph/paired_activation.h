#pragma once
#include <optional>

#include "redbud/kernels/activation.h"

namespace redbud {

class Graph;

/// The activation that what node `at` computes ends in: its layer's own or, where it has none, that of the layers which
/// its output reaches through others that keep the units (Layer::keeps_units). Absent where the output goes anywhere
/// else as well, to activations that differ, or nowhere.
std::optional<kernels::Activation> activation_of(const Graph& graph, int at);

/// The activation whose pair a parameter starts from, where its layer leaves that open (initializer "auto"): the one
/// that all layers with this parameter end in; identity where there is none, or they differ.
kernels::Activation paired_activation(const Graph& graph, int parameter);

}  // namespace redbud
