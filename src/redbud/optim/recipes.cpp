#include "redbud/optim/recipes.h"

#include <fmt/format.h>

#include <algorithm>

#include "redbud/optim/learning_rules.h"

namespace redbud {
namespace {

OptimizerConfig named(OptimizerConfig config, const char* name) {
  config.name = name;
  return config;
}

/// Whether it is on for any parameter.
bool has(const OptimizerConfig& c, double OptimizerConfig::*own, std::optional<double> LayerSettings::*of_layer) {
  return c.*own > 0.0 || std::any_of(c.layers.begin(), c.layers.end(),
                                     [&](const LayerSettings& layer) { return (layer.*of_layer).value_or(0.0) > 0.0; });
}

}  // namespace

TransformChain make_chain(const OptimizerConfig& c) {
  TransformChain chain;
  if (c.clip_tensor_norm > 0.0) chain.push_back(clip_by_tensor_norm(c.clip_tensor_norm));
  if (c.clip_norm > 0.0) chain.push_back(clip_by_global_norm(c.clip_norm));
  if (c.clip_value > 0.0) chain.push_back(clip_by_value(c.clip_value));
  using Way = LearningRule::Way;
  const LearningRule& rule = learning_rule(c.name);
  const auto decay = [&](double ParameterSettings::*which, const char* name, double value) {
    chain.push_back(add_decayed_weights(which, fmt::format("{} {}", name, value)));
  };
  if (has(c, &OptimizerConfig::l2, &LayerSettings::l2) && rule.way != Way::Own) {
    decay(&ParameterSettings::l2, "l2", c.l2);
  }
  if (rule.make != nullptr) chain.push_back(rule.make(c));
  if (rule.way == Way::Own || rule.way == Way::Average) return chain;
  if (has(c, &OptimizerConfig::weight_decay, &LayerSettings::weight_decay)) {
    decay(&ParameterSettings::weight_decay, "weight_decay", c.weight_decay);
  }
  if (rule.way == Way::TrustRatio) chain.push_back(scale_by_trust_ratio());
  chain.push_back(scale_by_learning_rate(fmt::format("{}", c.learning_rate)));
  if (has(c, &OptimizerConfig::l1, &LayerSettings::l1)) chain.push_back(shrink_by_l1(fmt::format("{}", c.l1)));
  return chain;
}

OptimizerConfig adam(OptimizerConfig config) { return named(std::move(config), "adam"); }
OptimizerConfig adamw(OptimizerConfig config) { return named(std::move(config), "adamw"); }
OptimizerConfig sgd(OptimizerConfig config) { return named(std::move(config), "sgd"); }
OptimizerConfig momentum(OptimizerConfig config) { return named(std::move(config), "momentum"); }
OptimizerConfig nesterov(OptimizerConfig config) { return named(std::move(config), "nesterov"); }
OptimizerConfig rmsprop(OptimizerConfig config) { return named(std::move(config), "rmsprop"); }

}  // namespace redbud
