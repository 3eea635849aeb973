#include "redbud/optim/recipes.h"

#include "redbud/optim/learning_rules.h"

namespace redbud {
namespace {

OptimizerConfig named(OptimizerConfig config, const char* name) {
  config.name = name;
  return config;
}

}  // namespace

TransformChain make_chain(const OptimizerConfig& c) {
  TransformChain chain;
  if (c.clip_tensor_norm > 0.0) chain.push_back(clip_by_tensor_norm(c.clip_tensor_norm));
  if (c.clip_norm > 0.0) chain.push_back(clip_by_global_norm(c.clip_norm));
  if (c.clip_value > 0.0) chain.push_back(clip_by_value(c.clip_value));
  if (c.l2 > 0.0) chain.push_back(add_decayed_weights(c.l2, "l2"));
  if (c.l1 > 0.0) chain.push_back(add_l1(c.l1));
  if (const auto make = learning_rule(c.name).make) chain.push_back(make(c));
  if (c.weight_decay > 0.0) chain.push_back(add_decayed_weights(c.weight_decay, "weight_decay"));
  chain.push_back(scale_by_learning_rate());
  return chain;
}

OptimizerConfig adam(OptimizerConfig config) { return named(std::move(config), "adam"); }
OptimizerConfig adamw(OptimizerConfig config) { return named(std::move(config), "adamw"); }
OptimizerConfig sgd(OptimizerConfig config) { return named(std::move(config), "sgd"); }
OptimizerConfig momentum(OptimizerConfig config) { return named(std::move(config), "momentum"); }
OptimizerConfig nesterov(OptimizerConfig config) { return named(std::move(config), "nesterov"); }
OptimizerConfig rmsprop(OptimizerConfig config) { return named(std::move(config), "rmsprop"); }

}  // namespace redbud
