#include "redbud/layers/softmax.h"

#include "redbud/graph/ops/softmax.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature Softmax::infer(std::span<const TensorType> inputs) const { return {only_input(kind(), inputs), {}, {}}; }

Value Softmax::lower(const LayerIo& io, PlanBuilder& plan) const {
  return plan.emit(std::make_unique<SoftmaxOp>(), {io.inputs[0]})[0];
}

LayerEntry softmax_entry() {
  return {.kind = "softmax",
          .meaning = "turns scores into probabilities",
          .keys = {},
          .make = [](const ConfigValue&) -> std::shared_ptr<const Layer> { return std::make_shared<Softmax>(); }};
}

}  // namespace redbud
