// Names, keys and ranges of the learning rules.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "redbud/core/error.h"
#include "redbud/core/text.h"
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
constexpr Key kOfAllRules[] = {{"learning_rate", &OptimizerConfig::learning_rate, kAnything},
                               {"clip_norm", &OptimizerConfig::clip_norm, kAnything},
                               {"clip_value", &OptimizerConfig::clip_value, kAnything},
                               {"clip_tensor_norm", &OptimizerConfig::clip_tensor_norm, kAnything},
                               {"l1", &OptimizerConfig::l1, kAnything},
                               {"l2", &OptimizerConfig::l2, kAnything},
                               {"weight_decay", &OptimizerConfig::weight_decay, kAnything}};

struct Rule {
  std::string_view name;
  double learning_rate;  // its own
  std::vector<Key> keys;
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> list = {
      {"sgd", 0.01, {}},
      {"momentum", 0.01, {kMomentum}},
      {"nesterov", 0.01, {kMomentum}},
      {"rmsprop", 0.001, {kRho, kEpsilon}},
      {"adam", 0.001, {kBeta1, kBeta2, kEpsilon}},
      {"adamw", 0.001, {kBeta1, kBeta2, kEpsilon}},
  };
  return list;
}

constexpr double kAdamWDecay = 0.01;  // PyTorch's

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? "" : "did you mean " + near + "?";
}

const Rule& find_rule(const std::string& name, const std::string& where) {
  for (const Rule& rule : rules()) {
    if (rule.name == name) return rule;
  }
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = "unknown optimizer",
                                 .found = quote(name),
                                 .expected = fmt::format("one of {}", fmt::join(optimizer_names(), ", ")),
                                 .hint = did_you_mean(name, optimizer_names())});
}

void check_range(const Key& key, double value, const std::string& where) {
  if (value >= 0.0 && value < key.below) return;
  throw Error(ErrorKind::Usage,
              {.where = where,
               .fact = fmt::format("{} is out of range", key.name),
               .found = format_number(value),
               .expected = std::isinf(key.below) ? "a finite number of at least 0" : "a number in [0, 1)"});
}

void read_key(const Rule& rule, const ConfigEntry& entry, OptimizerConfig& config) {
  std::vector<std::string> known = {"name"};
  for (const Key& key : rule.keys) {
    known.emplace_back(key.name);
    if (key.name != entry.key) continue;
    config.*key.value = entry.value.as_number(entry.key);
    check_range(key, config.*key.value, entry.value.where);
    return;
  }
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
  const ConfigValue* name = config.find("name");
  if (name == nullptr) return OptimizerConfig{}.name;
  const ConfigValue* nesterov = config.find("nesterov");
  if (name->as_text("name") != "momentum" || nesterov == nullptr) return name->as_text("name");
  return nesterov->as_bool("nesterov") ? "nesterov" : "momentum";
}

bool is_nesterov_key(const ConfigEntry& entry, const Rule& rule) {
  return entry.key == "nesterov" && (rule.name == "momentum" || rule.name == "nesterov");
}

}  // namespace

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const Rule& rule : rules()) names.emplace_back(rule.name);
  return names;
}

OptimizerConfig optimizer_from_config(const ConfigValue& config) {
  OptimizerConfig result;
  if (config.is_text()) {
    result.name = find_rule(config.as_text("optimizer"), config.where).name;
    return result;
  }
  const auto& table = config.as_table("optimizer");
  const Rule& rule = find_rule(rule_name(config), config.where);
  result.name = rule.name;
  for (const ConfigEntry& entry : table) {
    if (entry.key == "name" || is_nesterov_key(entry, rule)) continue;
    read_key(rule, entry, result);
  }
  return result;
}

ConfigValue to_config(const OptimizerConfig& config) {
  ConfigValue table;
  table.set("name", config.name);
  for (const Key& key : find_rule(config.name, "").keys) table.set(key.name, config.*key.value);
  return table;
}

OptimizerConfig resolved(OptimizerConfig config) {
  const Rule& rule = find_rule(config.name, "");
  for (const Key& key : rule.keys) check_range(key, config.*key.value, "optimizer " + config.name);
  for (const Key& key : kOfAllRules) check_range(key, config.*key.value, "");
  if (config.learning_rate == 0.0) config.learning_rate = rule.learning_rate;
  if (config.name == "adamw" && config.weight_decay == 0.0) config.weight_decay = kAdamWDecay;
  return config;
}

}  // namespace redbud
