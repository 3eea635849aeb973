#include "redbud/layers/activation_config.h"

#include <algorithm>
#include <cmath>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

using kernels::Activation;
using kernels::ActivationConstant;
using kernels::ActivationInfo;

const ActivationInfo& find_info(const std::string& name, const std::string& where) {
  for (const ActivationInfo& info : kernels::activation_table()) {
    if (info.name == name) return info;
  }
  std::string expected = "one of";
  for (const std::string& known : activation_names()) expected += (expected == "one of" ? " " : ", ") + known;
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = "unknown activation",
                                 .found = quote(name),
                                 .expected = expected,
                                 .hint = did_you_mean(name, activation_names())});
}

Activation named(std::string_view name) { return find_info(std::string(name), {}).defaults; }

Activation with_alpha(std::string_view name, double alpha) {
  Activation activation = named(name);
  activation.alpha = alpha;
  return activation;
}

const ActivationConstant& find_constant(const ActivationInfo& info, const ConfigEntry& entry) {
  std::string expected;
  for (const ActivationConstant& constant : info.constants) {
    if (constant.key == entry.key) return constant;
    expected += (expected.empty() ? "" : ", ") + std::string(constant.key);
  }
  throw Error(ErrorKind::Usage, {.where = entry.value.where,
                                 .fact = "unknown key of activation " + std::string(info.name),
                                 .found = quote(entry.key),
                                 .expected = expected.empty() ? "no key but name" : expected});
}

double constant_of(const ActivationConstant& constant, const ConfigEntry& entry) {
  const std::string path = "activation." + entry.key;
  const double number = entry.value.as_number(path);
  if (number >= constant.min && std::isfinite(number)) return number;
  throw Error(ErrorKind::Usage, {.where = entry.value.where,
                                 .fact = path + " is out of range",
                                 .found = format_number(number),
                                 .expected = format_number(constant.min) + " or more"});
}

}  // namespace

Activation elu(double alpha) { return with_alpha("elu", alpha); }
Activation relu() { return named("relu"); }
Activation leaky_relu(double slope) { return with_alpha("leaky_relu", slope); }
Activation selu() { return named("selu"); }
Activation logistic() { return named("logistic"); }
Activation tanh() { return named("tanh"); }
Activation softplus() { return named("softplus"); }
Activation softsign() { return named("softsign"); }
Activation hard_sigmoid(double slope) { return with_alpha("hard_sigmoid", slope); }
Activation relu6() { return named("relu6"); }
Activation gelu() { return named("gelu"); }
Activation gelu_tanh() { return named("gelu_tanh"); }
Activation silu() { return named("silu"); }
Activation mish() { return named("mish"); }
Activation hard_swish() { return named("hard_swish"); }
Activation prelu(double slope) { return with_alpha("prelu", slope); }
Activation rrelu(double lower, double upper) {
  Activation activation = with_alpha("rrelu", lower);
  activation.upper = upper;
  return activation;
}
Activation identity() { return named("identity"); }

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const ActivationInfo& info : kernels::activation_table()) names.emplace_back(info.name);
  return names;
}

std::vector<std::string> activation_keys() {
  std::vector<std::string> keys = {"name"};
  for (const ActivationInfo& info : kernels::activation_table()) {
    for (const ActivationConstant& constant : info.constants) {
      if (std::find(keys.begin(), keys.end(), constant.key) == keys.end()) keys.emplace_back(constant.key);
    }
  }
  return keys;
}

std::string activation_name(const Activation& activation) {
  return std::string(kernels::info_of(activation.kind).name);
}

Activation activation_from_config(const ConfigValue& config) {
  if (config.is_text()) return find_info(config.as_text("activation"), config.where).defaults;
  const ConfigValue* name = config.find("name");
  if (name == nullptr) {
    throw Error(ErrorKind::Usage, {.where = config.where,
                                   .fact = "an activation has no name",
                                   .expected = "\"elu\" or { name = \"elu\", alpha = 1.0 }"});
  }
  const ActivationInfo& info = find_info(name->as_text("activation.name"), name->where);
  Activation activation = info.defaults;
  for (const ConfigEntry& entry : config.as_table("activation")) {
    if (entry.key == "name") continue;
    const ActivationConstant& constant = find_constant(info, entry);
    activation.*constant.member = constant_of(constant, entry);
  }
  if (activation.kind == kernels::ActivationKind::Rrelu && activation.upper < activation.alpha) {
    throw Error(ErrorKind::Usage, {.where = config.where,
                                   .fact = "activation.upper is below activation.lower",
                                   .found = format_number(activation.upper),
                                   .expected = format_number(activation.alpha) + " or more"});
  }
  return activation;
}

ConfigValue to_config(const Activation& activation) {
  const ActivationInfo& info = kernels::info_of(activation.kind);
  if (activation == info.defaults) return ConfigValue(info.name);
  ConfigValue config;
  config.set("name", info.name);
  for (const ActivationConstant& constant : info.constants) {
    if (activation.*constant.member != info.defaults.*constant.member)
      config.set(constant.key, activation.*constant.member);
  }
  return config;
}

}  // namespace redbud
