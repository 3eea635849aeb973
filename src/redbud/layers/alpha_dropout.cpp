#include "redbud/layers/alpha_dropout.h"

#include "redbud/graph/ops/dropout.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature AlphaDropout::infer(std::span<const TensorType> inputs) const {
  return {only_input(kind(), inputs), {}, {}};
}

Value AlphaDropout::lower(const LayerIo& io, PlanBuilder& plan) const {
  const uint32_t threshold = kernels::dropout_threshold(config_.rate);
  if (!redbud::is_random(plan.mode()) || io.frozen || threshold == 0) return io.inputs[0];
  const int64_t features = plan.type_of(io.inputs[0]).width();
  const Value mask =
      plan.emit(std::make_unique<DropoutMaskOp>(plan.rows(), features, config_.rate, plan.next_lane()), {})[0];
  return plan.emit(std::make_unique<AlphaDropoutApplyOp>(kernels::alpha_dropout(threshold)), {io.inputs[0], mask})[0];
}

ConfigValue AlphaDropout::config() const {
  ConfigValue config;
  config.set("rate", config_.rate);
  return config;
}

LayerEntry alpha_dropout_entry() {
  return {.kind = "alpha_dropout",
          .meaning = "dropout for SELU: keeps mean and variance",
          .keys = {{"rate", "0.1", "share of elements dropped"}},
          .make = [](const ConfigValue& config) -> std::shared_ptr<const Layer> {
            AlphaDropoutConfig dropout;
            dropout.rate = number_key(config, "rate", dropout.rate);
            require_range(config, "rate", dropout.rate, 0.0, 1.0, true);
            return std::make_shared<AlphaDropout>(dropout);
          }};
}

}  // namespace redbud
