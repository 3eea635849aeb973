#include "redbud/optim/learning_rules.h"

#include <fmt/format.h>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

AdamConstants adam_constants(const OptimizerConfig& c) {
  return {.beta1 = c.beta1, .beta2 = c.beta2, .epsilon = c.epsilon};
}

TransformPtr make_momentum(const OptimizerConfig& c) { return scale_by_momentum(c.momentum, false); }
TransformPtr make_nesterov(const OptimizerConfig& c) { return scale_by_momentum(c.momentum, true); }
TransformPtr make_rmsprop(const OptimizerConfig& c) { return scale_by_rms(c.rho, c.epsilon); }
TransformPtr make_centered_rmsprop(const OptimizerConfig& c) { return scale_by_centered_rms(c.rho, c.epsilon); }
TransformPtr make_adagrad(const OptimizerConfig& c) { return scale_by_adagrad(c.epsilon); }
TransformPtr make_adadelta(const OptimizerConfig& c) { return scale_by_adadelta(c.rho, c.epsilon); }
TransformPtr make_adam(const OptimizerConfig& c) { return scale_by_adam(adam_constants(c)); }
TransformPtr make_adamax(const OptimizerConfig& c) { return scale_by_adamax(adam_constants(c)); }
TransformPtr make_nadam(const OptimizerConfig& c) { return scale_by_nadam(adam_constants(c)); }
TransformPtr make_amsgrad(const OptimizerConfig& c) { return scale_by_amsgrad(adam_constants(c)); }
TransformPtr make_radam(const OptimizerConfig& c) { return scale_by_radam(adam_constants(c)); }
TransformPtr make_lion(const OptimizerConfig& c) { return scale_by_lion(c.beta1, c.beta2); }
TransformPtr make_ftrl(const OptimizerConfig& c) { return step_by_ftrl(c.beta); }
TransformPtr make_schedule_free(const OptimizerConfig& c) { return step_by_schedule_free(adam_constants(c)); }
TransformPtr make_muon(const OptimizerConfig& c) {
  return scale_by_muon(c.momentum, adam_constants(c), MuonGate(c.max_overhead, c.batch_size));
}

}  // namespace

const std::vector<LearningRule>& learning_rules() {
  using Rule = kernels::OptimizerStepProblem::Rule;
  using Way = LearningRule::Way;
  static const std::vector<std::string_view> adams = {"beta1", "beta2", "epsilon"};
  static const std::vector<LearningRule> list = {
      {"sgd", Rule::Sgd, nullptr, 0.01},
      {"momentum", Rule::Momentum, make_momentum, 0.01, {"momentum"}},
      {"nesterov", Rule::Nesterov, make_nesterov, 0.01, {"momentum"}},
      {"rmsprop", Rule::RmsProp, make_rmsprop, 0.001, {"rho", "epsilon"}},
      {"centered_rmsprop", Rule::CenteredRmsProp, make_centered_rmsprop, 0.001, {"rho", "epsilon"}},
      {"adagrad", Rule::Adagrad, make_adagrad, 0.01, {"epsilon"}, 1e-10},
      {"adadelta", Rule::Adadelta, make_adadelta, 1.0, {"rho", "epsilon"}, 1e-6},
      {"adam", Rule::Adam, make_adam, 0.001, adams},
      {"adamw", Rule::Adam, make_adam, 0.001, adams},
      {"adamax", Rule::Adamax, make_adamax, 0.002, adams},
      {"nadam", Rule::Nadam, make_nadam, 0.001, adams},
      {"amsgrad", Rule::AmsGrad, make_amsgrad, 0.001, adams},
      {"radam", Rule::RAdam, make_radam, 0.001, adams},
      {"lion", Rule::Lion, make_lion, 0.0001, {"beta1", "beta2"}, 1e-8, 0.99},
      {"lamb", Rule::Lamb, make_adam, 0.001, adams, 1e-6, 0.999, 0.9, Way::TrustRatio},
      {"muon",
       Rule::Adam,
       make_muon,
       0.001,
       {"momentum", "beta1", "beta2", "epsilon", "max_overhead"},
       1e-8,
       0.999,
       0.95,
       Way::Orthogonal},
      {"schedule_free_adamw", Rule::ScheduleFree, make_schedule_free, 0.0025, adams, 1e-8, 0.999, 0.9, Way::Average},
      {"ftrl", Rule::Ftrl, make_ftrl, 0.05, {"beta"}, 1e-8, 0.999, 0.9, Way::Own},
  };
  return list;
}

const LearningRule& learning_rule(std::string_view name, const std::string& where) {
  for (const LearningRule& rule : learning_rules()) {
    if (rule.name == name) return rule;
  }
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = "unknown optimizer",
                                 .found = quote(name),
                                 .expected = fmt::format("one of {}", fmt::join(optimizer_names(), ", ")),
                                 .hint = did_you_mean(name, optimizer_names())});
}

}  // namespace redbud
