#include "redbud/layers/batch_norm.h"

#include "redbud/core/error.h"
#include "redbud/graph/ops/batch_norm.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature BatchNorm::infer(std::span<const TensorType> inputs) const {
  const TensorType& input = only_input(kind(), inputs);
  const Shape features = {input.shape.elements()};
  LayerSignature signature;
  signature.output = input;
  if (config_.scale)
    signature.parameters.push_back({.name = "gamma", .shape = features, .initializer = {"ones"}, .fans = {}});
  if (config_.center)
    signature.parameters.push_back({.name = "beta", .shape = features, .initializer = {"zeros"}, .fans = {}});
  signature.buffers = {{.name = "running_mean", .shape = features},
                       {.name = "running_var", .shape = features},
                       {.name = "steps", .shape = {1}}};
  return signature;
}

Value BatchNorm::lower(const LayerIo& io, PlanBuilder& plan) const {
  const BatchNormSpec spec{
      .epsilon = config_.epsilon, .momentum = config_.momentum, .scale = config_.scale, .center = config_.center};
  std::vector<Value> inputs = {io.inputs[0]};
  inputs.insert(inputs.end(), io.parameters.begin(), io.parameters.end());
  const std::vector<Value> statistics(io.buffers.begin(), io.buffers.end());
  if (!sees_batch(plan.mode()) || io.frozen) {
    inputs.insert(inputs.end(), statistics.begin(), statistics.end());
    return plan.emit(std::make_unique<BatchNormInferenceOp>(spec), inputs)[0];
  }
  if (plan.rows() < 2) {
    throw Error(ErrorKind::Model, {.fact = "batch normalisation has no variance in a batch of one row",
                                   .expected = "a batch size of at least 2",
                                   .hint = "set train.batch_size to 2 or more, or model.batch_norm to none"});
  }
  return plan.emit(std::make_unique<BatchNormOp>(spec), inputs, statistics)[0];
}

ConfigValue BatchNorm::config() const {
  ConfigValue config;
  config.set("momentum", config_.momentum);
  config.set("epsilon", config_.epsilon);
  config.set("scale", config_.scale);
  config.set("center", config_.center);
  return config;
}

LayerEntry batch_norm_entry() {
  return {.kind = "batch_norm",
          .meaning = "normalises each feature over the batch, then scales and shifts it",
          .keys = {{"momentum", "0.99", "weight of the old running average"},
                   {"epsilon", "0.001", "added to the variance"},
                   {"scale", "true", "whether gamma is learned"},
                   {"center", "true", "whether beta is learned"}},
          .make = [](const ConfigValue& config) -> std::shared_ptr<const Layer> {
            BatchNormConfig norm;
            norm.momentum = number_key(config, "momentum", norm.momentum);
            require_range(config, "momentum", norm.momentum, 0.0, 1.0, true);
            norm.epsilon = number_key(config, "epsilon", norm.epsilon);
            require_range(config, "epsilon", norm.epsilon, 1e-12, 1.0);
            norm.scale = bool_key(config, "scale", true);
            norm.center = bool_key(config, "center", true);
            return std::make_shared<BatchNorm>(norm);
          }};
}

}  // namespace redbud
