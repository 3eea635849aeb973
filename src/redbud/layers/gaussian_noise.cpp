#include "redbud/layers/gaussian_noise.h"

#include "redbud/graph/ops/combine.h"
#include "redbud/graph/ops/noise.h"
#include "redbud/layers/keys.h"
#include "redbud/layers/registry.h"

namespace redbud {

LayerSignature GaussianNoise::infer(std::span<const TensorType> inputs) const {
  return {only_input(kind(), inputs), {}, {}};
}

Value GaussianNoise::lower(const LayerIo& io, PlanBuilder& plan) const {
  if (!redbud::is_random(plan.mode()) || io.frozen || config_.sigma == 0.0) return io.inputs[0];
  const NormalNoiseOp::Config noise{.type = plan.type(),
                                    .rows = plan.rows(),
                                    .features = plan.type_of(io.inputs[0]).width(),
                                    .mean = 0.0,
                                    .sigma = config_.sigma,
                                    .lane = plan.next_lane()};
  const Value drawn = plan.emit(std::make_unique<NormalNoiseOp>(noise), {})[0];
  return plan.emit(std::make_unique<AddOp>(), {io.inputs[0], drawn})[0];
}

ConfigValue GaussianNoise::config() const {
  ConfigValue config;
  config.set("sigma", config_.sigma);
  return config;
}

LayerEntry gaussian_noise_entry() {
  return {.kind = "gaussian_noise",
          .meaning = "adds normal numbers in training",
          .keys = {{"sigma", "0.1", "their standard deviation"}},
          .make = [](const ConfigValue& config) -> std::shared_ptr<const Layer> {
            GaussianNoiseConfig noise;
            noise.sigma = number_key(config, "sigma", noise.sigma);
            require_range(config, "sigma", noise.sigma, 0.0, 1e6);
            return std::make_shared<GaussianNoise>(noise);
          }};
}

}  // namespace redbud
