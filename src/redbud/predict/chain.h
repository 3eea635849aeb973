#pragma once
#include <optional>
#include <vector>

#include "redbud/core/tensor.h"
#include "redbud/graph/model.h"
#include "redbud/kernels/linear.h"

namespace redbud {

/// A network that is nothing but dense layers one after the other, each with its activation: what most folded networks
/// are. Its layers run for any number of rows straight from the caller's memory to the caller's memory.
struct ChainLayer {
  kernels::LinearForwardProblem problem;  // rows are filled in per call
  kernels::LinearForwardArgs args;        // w and b; x and y are filled in per call
  const kernels::Kernel<kernels::LinearForwardProblem, kernels::LinearForwardArgs>* kernel = nullptr;
};

/// The layers of a folded model, or nothing if it isn't a chain. `model` must outlive them.
std::optional<std::vector<ChainLayer>> chain_of(const Model& model);

/// Copies the weights of a chain, each row on cache lines of its own, and points the layers to the copies, which must
/// outlive them. Those that lie so already stay where they are.
AlignedBuffer pack_weights(std::vector<ChainLayer>& chain);

}  // namespace redbud
