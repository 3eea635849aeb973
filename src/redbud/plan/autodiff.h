#pragma once
#include "redbud/graph/graph.h"
#include "redbud/plan/lowering.h"

namespace redbud {

/// Appends the backward ops of a lowered graph that ends in a loss: the gradients of all trainable parameters, written
/// to Gradient values. Parts on which nothing trainable depends get no backward ops (the first layer's input, all below
/// a frozen cut).
void differentiate(Lowered& lowered, const SegmentLayout& parameters);

}  // namespace redbud
