#include "redbud/layers/initializer_config.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

struct FanWord {
  std::string_view word;
  Fan fan;
};
constexpr std::array kFans = {FanWord{"in", Fan::In}, FanWord{"out", Fan::Out}, FanWord{"average", Fan::Average}};

struct NumberKey {
  std::string_view key;
  double Initializer::*member;
  bool positive;
};
constexpr std::array kNumbers = {
    NumberKey{"gain", &Initializer::gain, true}, NumberKey{"sigma", &Initializer::sigma, true},
    NumberKey{"limit", &Initializer::limit, true}, NumberKey{"value", &Initializer::value, false}};

Fan fan_of(const ConfigValue& config) {
  const std::string& word = config.as_text("initializer.fan");
  for (const FanWord& known : kFans) {
    if (known.word == word) return known.fan;
  }
  throw Error(ErrorKind::Usage, {.where = config.where,
                                 .fact = "initializer.fan has an unknown value",
                                 .found = quote(word),
                                 .expected = "in, out or average"});
}

void set_number(Initializer& initializer, const ConfigEntry& entry) {
  for (const NumberKey& known : kNumbers) {
    if (known.key != entry.key) continue;
    const std::string path = "initializer." + entry.key;
    const double number = entry.value.as_number(path);
    if (!std::isfinite(number) || (known.positive && number <= 0.0)) {
      throw Error(ErrorKind::Usage, {.where = entry.value.where,
                                     .fact = path + " is out of range",
                                     .found = format_number(number),
                                     .expected = known.positive ? "a number above 0" : "a finite number"});
    }
    initializer.*known.member = number;
  }
}

void require_key(const std::string& name, const ConfigEntry& entry) {
  const std::vector<std::string> keys = initializer_keys(name);
  if (std::find(keys.begin(), keys.end(), entry.key) != keys.end()) return;
  std::string expected = keys.empty() ? "no key but name" : "";
  for (const std::string& key : keys) expected += (expected.empty() ? "" : ", ") + key;
  throw Error(ErrorKind::Usage, {.where = entry.value.where,
                                 .fact = "unknown key of initializer " + name,
                                 .found = quote(entry.key),
                                 .expected = expected});
}

std::string checked_name(const ConfigValue& config) {
  const std::string& name = config.as_text("initializer.name");
  try {
    static_cast<void>(initializer_keys(name));
  } catch (const Error& error) {
    ErrorText text = error.text();
    text.where = config.where;
    throw Error(error.kind(), text);
  }
  return name;
}

}  // namespace

Initializer initializer_from_config(const ConfigValue& config) {
  Initializer initializer;
  if (config.is_text()) {
    initializer.name = checked_name(config);
    return initializer;
  }
  const auto& table = config.as_table("initializer");
  const ConfigValue* name = config.find("name");
  if (name == nullptr) {
    throw Error(ErrorKind::Usage, {.where = config.where,
                                   .fact = "an initializer has no name",
                                   .expected = "\"he_normal\" or { name = \"he_normal\", fan = \"out\" }"});
  }
  initializer.name = checked_name(*name);
  for (const ConfigEntry& entry : table) {
    if (entry.key == "name") continue;
    require_key(initializer.name, entry);
    if (entry.key == "fan") initializer.fan = fan_of(entry.value);
    set_number(initializer, entry);
  }
  return initializer;
}

ConfigValue to_config(const Initializer& initializer) {
  ConfigValue config;
  config.set("name", initializer.name);
  const Initializer defaults;
  for (const NumberKey& number : kNumbers) {
    if (initializer.*number.member != defaults.*number.member) config.set(number.key, initializer.*number.member);
  }
  for (const FanWord& known : kFans) {
    if (known.fan == initializer.fan) config.set("fan", known.word);
  }
  if (config.as_table("initializer").size() == 1) return initializer.name;
  return config;
}

}  // namespace redbud
