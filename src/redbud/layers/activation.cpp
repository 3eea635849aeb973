#include "redbud/layers/activation.h"

#include "redbud/layers/activation_config.h"
#include "redbud/layers/apply_activation.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature ActivationLayer::infer(std::span<const TensorType> inputs) const {
  const TensorType& input = only_input(kind(), inputs);
  return {input, activation_parameters(activation_, input.shape.elements()), {}};
}

Value ActivationLayer::lower(const LayerIo& io, PlanBuilder& plan) const {
  return apply_activation(activation_, io.inputs[0], io.parameters, io.frozen, plan);
}

ConfigValue ActivationLayer::config() const {
  ConfigValue config;
  config.set("function", to_config(activation_));
  return config;
}

LayerEntry activation_entry() {
  std::string names;
  for (const std::string& name : activation_names()) names += name + ", ";
  return {.kind = "activation",
          .meaning = "applies an activation; prelu trains a slope for each feature, \"slope\"",
          .keys = {{"function", "\"elu\"", names + "or a table: { name = \"elu\", alpha = 1.0 }"}},
          .make = [](const ConfigValue& config) -> std::shared_ptr<const Layer> {
            const ConfigValue* function = config.find("function");
            return std::make_shared<ActivationLayer>(function != nullptr ? activation_from_config(*function) : elu());
          }};
}

}  // namespace redbud
