#include "redbud/layers/log_softmax.h"

#include "redbud/graph/ops/log_softmax.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature LogSoftmax::infer(std::span<const TensorType> inputs) const {
  return {only_input(kind(), inputs), {}, {}};
}

Value LogSoftmax::lower(const LayerIo& io, PlanBuilder& plan) const {
  return plan.emit(std::make_unique<LogSoftmaxOp>(), {io.inputs[0]})[0];
}

LayerEntry log_softmax_entry() {
  return {.kind = "log_softmax",
          .meaning = "turns scores into logarithms of probabilities",
          .keys = {},
          .make = [](const ConfigValue&) -> std::shared_ptr<const Layer> { return std::make_shared<LogSoftmax>(); }};
}

}  // namespace redbud
