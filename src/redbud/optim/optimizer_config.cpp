// Names, keys and ranges of the learning rules.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/optim/learning_rules.h"
#include "redbud/optim/optimizer.h"

namespace redbud {
namespace {

struct Key {
  std::string_view name;
  double OptimizerConfig::*value;
  double below;  // values are in [0, below)
};
constexpr double kAnything = std::numeric_limits<double>::infinity();
constexpr Key kMomentum{"momentum", &OptimizerConfig::momentum, 1.0};
constexpr Key kBeta1{"beta1", &OptimizerConfig::beta1, 1.0};
constexpr Key kBeta2{"beta2", &OptimizerConfig::beta2, 1.0};
constexpr Key kRho{"rho", &OptimizerConfig::rho, 1.0};
constexpr Key kEpsilon{"epsilon", &OptimizerConfig::epsilon, kAnything};
constexpr Key kBeta{"beta", &OptimizerConfig::beta, kAnything};
constexpr Key kMaxOverhead{"max_overhead", &OptimizerConfig::max_overhead, kAnything};
constexpr Key kLookaheadRate{"lookahead_rate", &OptimizerConfig::lookahead_rate, 1.0 + 1e-9};
constexpr int64_t kMostLookahead = 1'000'000;
constexpr Key kOfAllRules[] = {{"learning_rate", &OptimizerConfig::learning_rate, kAnything},
                               {"clip_norm", &OptimizerConfig::clip_norm, kAnything},
                               {"clip_value", &OptimizerConfig::clip_value, kAnything},
                               {"clip_tensor_norm", &OptimizerConfig::clip_tensor_norm, kAnything},
                               {"l1", &OptimizerConfig::l1, kAnything},
                               {"l2", &OptimizerConfig::l2, kAnything},
                               {"weight_decay", &OptimizerConfig::weight_decay, kAnything},
                               {"max_norm", &OptimizerConfig::max_norm, kAnything}};

constexpr const Key* kOfOneRule[] = {&kMomentum, &kBeta1, &kBeta2, &kRho, &kEpsilon, &kBeta, &kMaxOverhead};

/// The keys of a rule.
std::vector<Key> keys_of(const LearningRule& rule) {
  std::vector<Key> keys;
  for (const Key* key : kOfOneRule) {
    if (std::find(rule.keys.begin(), rule.keys.end(), key->name) != rule.keys.end()) keys.push_back(*key);
  }
  return keys;
}

constexpr double kAdamWDecay = 0.01;  // PyTorch's

void check_range(const Key& key, double value, const std::string& where) {
  if (value >= 0.0 && value < key.below) return;
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = fmt::format("{} is out of range", key.name),
                                 .found = format_number(value),
                                 .expected = std::isinf(key.below) ? "a finite number of at least 0"
                                             : key.below > 1.0     ? "a number in [0, 1]"
                                                                   : "a number in [0, 1)"});
}

void check_lookahead(int64_t steps, const std::string& where) {
  if (steps >= 0 && steps <= kMostLookahead) return;
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = "lookahead is out of range",
                                 .found = fmt::format("{}", steps),
                                 .expected = fmt::format("0 (off) to {} steps", kMostLookahead)});
}

/// The keys that every rule takes.
bool read_lookahead(const ConfigEntry& entry, OptimizerConfig& config) {
  if (entry.key == "lookahead") {
    config.lookahead = entry.value.as_integer(entry.key);
    check_lookahead(config.lookahead, entry.value.where);
  } else if (entry.key == kLookaheadRate.name) {
    config.lookahead_rate = entry.value.as_number(entry.key);
    check_range(kLookaheadRate, config.lookahead_rate, entry.value.where);
  }
  return entry.key == "lookahead" || entry.key == kLookaheadRate.name;
}

void read_key(const LearningRule& rule, const ConfigEntry& entry, OptimizerConfig& config) {
  if (read_lookahead(entry, config)) return;
  std::vector<std::string> known = {"name"};
  for (const Key& key : keys_of(rule)) {
    known.emplace_back(key.name);
    if (key.name != entry.key) continue;
    config.*key.value = entry.value.as_number(entry.key);
    check_range(key, config.*key.value, entry.value.where);
    return;
  }
  known.insert(known.end(), {"lookahead", "lookahead_rate"});
  std::string hint = did_you_mean(entry.key, known);
  for (const Key& key : kOfAllRules) {
    if (key.name == entry.key) hint = "it stands in [train], beside optimizer";
  }
  throw Error(ErrorKind::Usage, {.where = entry.value.where,
                                 .fact = fmt::format("the optimizer {} has no key {}", rule.name, entry.key),
                                 .expected = fmt::format("one of {}", fmt::join(known, ", ")),
                                 .hint = hint});
}

/// { name = "momentum", nesterov = true } is another way to write "nesterov".
std::string rule_name(const ConfigValue& config) {
  static_cast<void>(config.as_table("optimizer"));
  const ConfigValue* name = config.find("name");
  if (name == nullptr) return OptimizerConfig{}.name;
  const ConfigValue* nesterov = config.find("nesterov");
  if (name->as_text("name") != "momentum" || nesterov == nullptr) return name->as_text("name");
  return nesterov->as_bool("nesterov") ? "nesterov" : "momentum";
}

bool is_nesterov_key(const ConfigEntry& entry, const LearningRule& rule) {
  return entry.key == "nesterov" && (rule.name == "momentum" || rule.name == "nesterov");
}

/// What is learned by averaging is never exactly 0, nor within a norm that other weights are held to.
void check_average(const OptimizerConfig& config) {
  const auto refuse = [&](const char* key, double value, const char* hint) {
    if (value == 0.0) return;
    throw Error(ErrorKind::Usage,
                {.fact = fmt::format("{} has no {}, as it learns an average of weights", config.name, key),
                 .found = format_number(value),
                 .expected = "0",
                 .hint = hint});
  };
  if (config.beta1 == 0.0) {
    throw Error(
        ErrorKind::Usage,
        {.fact = "beta1 of schedule_free_adamw is out of range", .found = "0", .expected = "a number in (0, 1)"});
  }
  refuse("l1", config.l1, "ftrl makes weights 0, and any other optimizer with l1");
  refuse("max_norm", config.max_norm, "weight_decay keeps weights small");
  refuse("lookahead", static_cast<double>(config.lookahead), "leave it out");
  for (const LayerSettings& layer : config.layers) {
    refuse("l1", layer.l1.value_or(0.0), "ftrl makes weights 0, and any other optimizer with l1");
    refuse("max_norm", layer.max_norm.value_or(0.0), "weight_decay keeps weights small");
  }
}

}  // namespace

bool has_momentum(const OptimizerConfig& config) {
  const LearningRule& rule = learning_rule(config.name);
  if (rule.way == LearningRule::Way::Average) return false;  // what is learned depends on beta1
  const auto& keys = rule.keys;
  return std::any_of(keys.begin(), keys.end(),
                     [](std::string_view key) { return key == "momentum" || key == "beta1"; });
}

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const LearningRule& rule : learning_rules()) names.emplace_back(rule.name);
  return names;
}

OptimizerConfig optimizer_named(std::string_view name) {
  const LearningRule& rule = learning_rule(name);
  OptimizerConfig config;
  config.name = rule.name;
  config.momentum = rule.momentum;
  config.epsilon = rule.epsilon;
  config.beta2 = rule.beta2;
  return config;
}

OptimizerConfig optimizer_from_config(const ConfigValue& config) {
  const std::string name = config.is_text() ? config.as_text("optimizer") : rule_name(config);
  const LearningRule& rule = learning_rule(name, config.where);
  OptimizerConfig result = optimizer_named(rule.name);
  if (config.is_text()) return result;
  for (const ConfigEntry& entry : config.as_table("optimizer")) {
    if (entry.key == "name" || is_nesterov_key(entry, rule)) continue;
    read_key(rule, entry, result);
  }
  return result;
}

ConfigValue to_config(const OptimizerConfig& config) {
  ConfigValue table;
  table.set("name", config.name);
  for (const Key& key : keys_of(learning_rule(config.name))) table.set(key.name, config.*key.value);
  if (config.lookahead > 0) {
    table.set("lookahead", config.lookahead);
    table.set("lookahead_rate", config.lookahead_rate);
  }
  return table;
}

OptimizerConfig resolved(OptimizerConfig config) {
  const LearningRule& rule = learning_rule(config.name);
  for (const Key& key : keys_of(rule)) check_range(key, config.*key.value, "optimizer " + config.name);
  for (const Key& key : kOfAllRules) check_range(key, config.*key.value, "");
  check_lookahead(config.lookahead, "optimizer " + config.name);
  check_range(kLookaheadRate, config.lookahead_rate, "optimizer " + config.name);
  if (rule.way == LearningRule::Way::Average) check_average(config);
  if (config.learning_rate == 0.0) config.learning_rate = rule.learning_rate;
  if (config.name == "adamw" && config.weight_decay == 0.0) config.weight_decay = kAdamWDecay;
  return config;
}

}  // namespace redbud
