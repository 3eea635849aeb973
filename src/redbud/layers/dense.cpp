#include "redbud/layers/dense.h"

#include "redbud/core/error.h"
#include "redbud/graph/ops/linear.h"
#include "redbud/graph/ops/weight_standardize.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/apply_activation.h"
#include "redbud/layers/initializer_config.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature Dense::infer(std::span<const TensorType> inputs) const {
  const int64_t c = only_input(kind(), inputs).shape.elements();
  const int64_t k = config_.units;
  if (k < 1)
    throw Error(ErrorKind::Model,
                {.fact = "dense has no units", .found = std::to_string(k), .expected = "units of at least 1"});
  if (config_.weight_standardization && c < 2) {
    throw Error(ErrorKind::Model, {.fact = "weight_standardization needs a variance over a unit's weights",
                                   .found = "1 input",
                                   .expected = "at least 2 inputs"});
  }
  LayerSignature signature;
  signature.output.shape = {k};
  signature.parameters.push_back(
      {.name = "weight", .shape = {c, k}, .initializer = config_.initializer, .fans = {c, k}, .decayed = true});
  if (config_.bias)
    signature.parameters.push_back({.name = "bias", .shape = {k}, .initializer = {"zeros"}, .fans = {}});
  for (ParameterSpec& parameter : activation_parameters(config_.activation, k))
    signature.parameters.push_back(std::move(parameter));
  return signature;
}

Value Dense::lower(const LayerIo& io, PlanBuilder& plan) const {
  Value w = io.parameters[0];
  if (config_.weight_standardization) w = plan.emit(std::make_unique<WeightStandardizeOp>(), {w})[0];
  std::vector<Value> inputs = {io.inputs[0], w};
  if (config_.bias) inputs.push_back(io.parameters[1]);
  const Value z = plan.emit(std::make_unique<LinearOp>(config_.bias, kernels::Activation{}), inputs)[0];
  return apply_activation(config_.activation, z, io.parameters.subspan(inputs.size() - 1), io.frozen, plan);
}

ConfigValue Dense::config() const {
  ConfigValue config;
  config.set("units", config_.units);
  config.set("bias", config_.bias);
  config.set("activation", to_config(config_.activation));
  config.set("initializer", to_config(config_.initializer));
  if (config_.weight_standardization) config.set("weight_standardization", true);
  return config;
}

std::optional<kernels::Activation> Dense::activation() const {
  if (config_.activation.is_identity()) return std::nullopt;
  return config_.activation;
}

LayerEntry dense_entry() {
  return {.kind = "dense",
          .meaning = "every unit reads every element of a row",
          .keys = {{"units", "required", "outputs"},
                   {"bias", "true", "whether a bias is added"},
                   {"activation", "\"identity\"", "of the outputs: name or table, as in kind = \"activation\""},
                   {"initializer", "\"auto\"",
                    "of the weights: name or table; auto: the pair of the activation, here or in a layer behind"},
                   {"weight_standardization", "false",
                    "whether the weights of each unit are standardised over its inputs before the product"}},
          .make = [](const ConfigValue& config) -> std::shared_ptr<const Layer> {
            DenseConfig dense;
            dense.units = integer_key(config, "units", 0);
            require_range(config, "units", static_cast<double>(dense.units), 1, 1 << 24);
            dense.bias = bool_key(config, "bias", true);
            if (const ConfigValue* activation = config.find("activation"))
              dense.activation = activation_from_config(*activation);
            if (const ConfigValue* initializer = config.find("initializer"))
              dense.initializer = initializer_from_config(*initializer);
            dense.weight_standardization = bool_key(config, "weight_standardization", false);
            return std::make_shared<Dense>(dense);
          }};
}

}  // namespace redbud
