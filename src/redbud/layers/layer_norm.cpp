#include "redbud/layers/layer_norm.h"

#include "redbud/core/error.h"
#include "redbud/graph/ops/layer_norm.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature LayerNorm::infer(std::span<const TensorType> inputs) const {
  const TensorType& input = only_input(kind(), inputs);
  const Shape features = {input.shape.elements()};
  if (input.shape.elements() < 2) {
    throw Error(ErrorKind::Model, {.fact = "layer_norm normalises a row over its features",
                                   .found = "1 feature",
                                   .expected = "at least 2 features"});
  }
  LayerSignature signature;
  signature.output = input;
  if (config_.scale)
    signature.parameters.push_back({.name = "gamma", .shape = features, .initializer = {"ones"}, .fans = {}});
  if (config_.center)
    signature.parameters.push_back({.name = "beta", .shape = features, .initializer = {"zeros"}, .fans = {}});
  return signature;
}

Value LayerNorm::lower(const LayerIo& io, PlanBuilder& plan) const {
  std::vector<Value> inputs = {io.inputs[0]};
  inputs.insert(inputs.end(), io.parameters.begin(), io.parameters.end());
  const LayerNormSpec spec{.epsilon = config_.epsilon, .scale = config_.scale, .center = config_.center};
  return plan.emit(std::make_unique<LayerNormOp>(spec), inputs)[0];
}

ConfigValue LayerNorm::config() const {
  ConfigValue config;
  config.set("epsilon", config_.epsilon);
  config.set("scale", config_.scale);
  config.set("center", config_.center);
  return config;
}

LayerEntry layer_norm_entry() {
  return {.kind = "layer_norm",
          .meaning = "normalises each row over its features, then scales and shifts each feature",
          .keys = {{"epsilon", "0.00001", "added to the variance"},
                   {"scale", "true", "whether gamma is learned"},
                   {"center", "true", "whether beta is learned"}},
          .make = [](const ConfigValue& config) -> std::shared_ptr<const Layer> {
            LayerNormConfig norm;
            norm.epsilon = number_key(config, "epsilon", norm.epsilon);
            require_range(config, "epsilon", norm.epsilon, 1e-12, 1.0);
            norm.scale = bool_key(config, "scale", true);
            norm.center = bool_key(config, "center", true);
            return std::make_shared<LayerNorm>(norm);
          }};
}

}  // namespace redbud
