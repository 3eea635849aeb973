#include "residual.h"

#include "redbud/graph/ops/activation.h"
#include "redbud/graph/ops/combine.h"
#include "redbud/graph/ops/linear.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/keys.h"

namespace toy {

redbud::LayerSignature Residual::infer(std::span<const redbud::TensorType> inputs) const {
  const redbud::TensorType& x = redbud::only_input(kind(), inputs);
  const int64_t k = x.shape.elements();
  redbud::LayerSignature signature;
  signature.output = x;
  signature.parameters.push_back({.name = "weight",
                                  .shape = {k, k},
                                  .initializer = redbud::initializer_for(redbud::elu()),
                                  .fans = {k, k},
                                  .decayed = true});
  signature.parameters.push_back({.name = "bias", .shape = {k}, .initializer = {"zeros"}, .fans = {}});
  return signature;
}

redbud::Value Residual::lower(const redbud::LayerIo& io, redbud::PlanBuilder& plan) const {
  const redbud::Value x = io.inputs[0];
  const redbud::Value z = plan.emit(std::make_unique<redbud::LinearOp>(true, redbud::identity()),
                                    {x, io.parameters[0], io.parameters[1]})[0];
  const redbud::Value y = plan.emit(std::make_unique<redbud::ActivationOp>(redbud::elu(alpha_)), {z})[0];
  return plan.emit(std::make_unique<redbud::AddOp>(), {y, x})[0];
}

redbud::ConfigValue Residual::config() const {
  redbud::ConfigValue config;
  config.set("alpha", alpha_);
  return config;
}

redbud::LayerEntry residual_entry() {
  return {.kind = "residual",
          .meaning = "a dense layer that adds its input",
          .keys = {{"alpha", "1.0", "of its elu"}},
          .make = [](const redbud::ConfigValue& config) -> std::shared_ptr<const redbud::Layer> {
            return std::make_shared<Residual>(redbud::number_key(config, "alpha", 1.0));
          }};
}

}  // namespace toy
