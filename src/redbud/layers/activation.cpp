#include "redbud/layers/activation.h"

#include "redbud/graph/ops/activation.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature ActivationLayer::infer(std::span<const TensorType> inputs) const {
  return {only_input(kind(), inputs), {}, {}};
}

Value ActivationLayer::lower(const LayerIo& io, PlanBuilder& plan) const {
  if (activation_.is_identity()) return io.inputs[0];
  return plan.emit(std::make_unique<ActivationOp>(activation_), {io.inputs[0]})[0];
}

ConfigValue ActivationLayer::config() const {
  ConfigValue config;
  config.set("function", to_config(activation_));
  return config;
}

LayerEntry activation_entry() {
  return {.kind = "activation",
          .meaning = "applies a pointwise function",
          .keys = {{"function", "\"elu\"",
                    "elu, relu, leaky_relu, selu, logistic, tanh, softplus, softsign, hard_sigmoid, relu6, identity; { "
                    "name = \"elu\", alpha = 1.0 }"}},
          .make = [](const ConfigValue& config) -> std::shared_ptr<const Layer> {
            const ConfigValue* function = config.find("function");
            return std::make_shared<ActivationLayer>(function != nullptr ? activation_from_config(*function) : elu());
          }};
}

}  // namespace redbud
