#include "redbud/layers/activation_config.h"

#include <array>

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

using kernels::Activation;
using kernels::ActivationKind;

struct Entry {
  std::string_view name;
  Activation defaults;
  bool has_alpha;  // a run file may set it
};

constexpr std::array kActivations = {
    Entry{"elu", {ActivationKind::Elu, 1.0, 1.0}, true},
    Entry{"relu", {ActivationKind::Relu, 0.0, 1.0}, false},
    Entry{"leaky_relu", {ActivationKind::LeakyRelu, 0.01, 1.0}, true},
    Entry{"selu", {ActivationKind::Selu, 1.6732632423543772, 1.0507009873554805}, false},
    Entry{"logistic", {ActivationKind::Logistic, 0.0, 1.0}, false},
    Entry{"tanh", {ActivationKind::Tanh, 0.0, 1.0}, false},
    Entry{"softplus", {ActivationKind::Softplus, 0.0, 1.0}, false},
    Entry{"softsign", {ActivationKind::Softsign, 0.0, 1.0}, false},
    Entry{"hard_sigmoid", {ActivationKind::HardSigmoid, 0.0, 1.0}, false},
    Entry{"relu6", {ActivationKind::Relu6, 0.0, 1.0}, false},
    Entry{"identity", {ActivationKind::Identity, 0.0, 1.0}, false},
};

const Entry& find_entry(const std::string& name, const std::string& where) {
  for (const Entry& entry : kActivations) {
    if (entry.name == name) return entry;
  }
  const std::string near = nearest(name, activation_names());
  std::string expected = "one of";
  for (const std::string& known : activation_names()) expected += (expected == "one of" ? " " : ", ") + known;
  throw Error(ErrorKind::Usage, {.where = where,
                                 .fact = "unknown activation",
                                 .found = quote(name),
                                 .expected = expected,
                                 .hint = near.empty() ? "" : "did you mean " + near + "?"});
}

Activation with_alpha(std::string_view name, double alpha) {
  Activation activation = find_entry(std::string(name), {}).defaults;
  activation.alpha = alpha;
  return activation;
}

}  // namespace

Activation elu(double alpha) { return with_alpha("elu", alpha); }
Activation relu() { return find_entry("relu", {}).defaults; }
Activation leaky_relu(double slope) { return with_alpha("leaky_relu", slope); }
Activation selu() { return find_entry("selu", {}).defaults; }
Activation logistic() { return find_entry("logistic", {}).defaults; }
Activation tanh() { return find_entry("tanh", {}).defaults; }
Activation softplus() { return find_entry("softplus", {}).defaults; }
Activation softsign() { return find_entry("softsign", {}).defaults; }
Activation hard_sigmoid() { return find_entry("hard_sigmoid", {}).defaults; }
Activation relu6() { return find_entry("relu6", {}).defaults; }
Activation identity() { return find_entry("identity", {}).defaults; }

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const Entry& entry : kActivations) names.emplace_back(entry.name);
  return names;
}

std::string activation_name(const Activation& activation) {
  for (const Entry& entry : kActivations) {
    if (entry.defaults.kind == activation.kind) return std::string(entry.name);
  }
  RB_ASSERT(false);
  return {};
}

Activation activation_from_config(const ConfigValue& config) {
  if (config.is_text()) return find_entry(config.as_text("activation"), config.where).defaults;
  const ConfigValue* name = config.find("name");
  if (name == nullptr) {
    throw Error(ErrorKind::Usage, {.where = config.where,
                                   .fact = "an activation has no name",
                                   .expected = "\"elu\" or { name = \"elu\", alpha = 1.0 }"});
  }
  const Entry& entry = find_entry(name->as_text("activation.name"), name->where);
  Activation activation = entry.defaults;
  for (const ConfigEntry& key : config.as_table("activation")) {
    if (key.key == "name") continue;
    if (key.key != "alpha" || !entry.has_alpha) {
      throw Error(ErrorKind::Usage, {.where = key.value.where,
                                     .fact = "unknown key of activation " + std::string(entry.name),
                                     .found = quote(key.key),
                                     .expected = entry.has_alpha ? "alpha" : "no key but name"});
    }
    activation.alpha = key.value.as_number("activation.alpha");
  }
  // A slope below 0 makes the output ambiguous, and derivatives are computed from outputs.
  if (activation.alpha < 0.0) {
    throw Error(ErrorKind::Usage, {.where = config.where,
                                   .fact = "activation.alpha is out of range",
                                   .found = format_number(activation.alpha),
                                   .expected = "0 or more"});
  }
  return activation;
}

ConfigValue to_config(const Activation& activation) {
  const Entry& entry = find_entry(activation_name(activation), {});
  if (!entry.has_alpha || activation.alpha == entry.defaults.alpha) return ConfigValue(entry.name);
  ConfigValue config;
  config.set("name", entry.name);
  config.set("alpha", activation.alpha);
  return config;
}

}  // namespace redbud
