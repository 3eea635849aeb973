#include "redbud/optim/recipes.h"

#include "redbud/core/error.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

TransformPtr make_rule(const OptimizerConfig& c) {
  if (c.name == "momentum") return scale_by_momentum(c.momentum, false);
  if (c.name == "nesterov") return scale_by_momentum(c.momentum, true);
  if (c.name == "rmsprop") return scale_by_rms(c.rho, c.epsilon);
  if (c.name == "adam" || c.name == "adamw") {
    return scale_by_adam({.beta1 = c.beta1, .beta2 = c.beta2, .epsilon = c.epsilon});
  }
  RB_ASSERT(c.name == "sgd");
  return nullptr;
}

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
  if (TransformPtr rule = make_rule(c)) chain.push_back(std::move(rule));
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
