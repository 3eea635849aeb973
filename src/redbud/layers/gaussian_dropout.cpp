#include "redbud/layers/gaussian_dropout.h"

#include <cmath>

#include "redbud/graph/ops/noise.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature GaussianDropout::infer(std::span<const TensorType> inputs) const {
  return {only_input(kind(), inputs), {}, {}};
}

Value GaussianDropout::lower(const LayerIo& io, PlanBuilder& plan) const {
  if (!redbud::is_random(plan.mode()) || io.frozen || config_.rate == 0.0) return io.inputs[0];
  const NormalNoiseOp::Config noise{.type = plan.type(),
                                    .rows = plan.rows(),
                                    .features = plan.type_of(io.inputs[0]).width(),
                                    .mean = 1.0,
                                    .sigma = std::sqrt(config_.rate / (1.0 - config_.rate)),
                                    .lane = plan.next_lane()};
  const Value drawn = plan.emit(std::make_unique<NormalNoiseOp>(noise), {})[0];
  return plan.emit(std::make_unique<MultiplyOp>(), {io.inputs[0], drawn})[0];
}

ConfigValue GaussianDropout::config() const {
  ConfigValue config;
  config.set("rate", config_.rate);
  return config;
}

LayerEntry gaussian_dropout_entry() {
  return {.kind = "gaussian_dropout",
          .meaning = "multiplies by normal numbers of mean 1 in training",
          .keys = {{"rate", "0.5", "their variance is rate / (1 - rate), as of a dropout"}},
          .make = [](const ConfigValue& config) -> std::shared_ptr<const Layer> {
            GaussianDropoutConfig dropout;
            dropout.rate = number_key(config, "rate", dropout.rate);
            require_range(config, "rate", dropout.rate, 0.0, 1.0, true);
            return std::make_shared<GaussianDropout>(dropout);
          }};
}

}  // namespace redbud
