// What a key may hold: check_value and parse_value of keys.h.
#include <algorithm>
#include <cmath>

#include "redbud/cli/config/keys.h"
#include "redbud/cli/config/toml.h"
#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/initializer_config.h"
#include "redbud/losses/registry.h"
#include "redbud/optim/momentum_schedule.h"
#include "redbud/optim/optimizer.h"
#include "redbud/optim/schedule.h"
#include "redbud/train/trainer.h"

namespace redbud::cli {
namespace {

std::string shown(const ConfigValue& value) {
  return value.is_text() ? quote(value.as_text("")) : to_toml_value(value);
}

[[noreturn]] void refuse(const Key& key, const ConfigValue& value, const std::string& fact, const std::string& expected,
                         const std::string& hint = {}) {
  throw Error(ErrorKind::Usage, {.where = value.where,
                                 .fact = "key " + key.path() + " " + fact,
                                 .found = shown(value),
                                 .expected = expected,
                                 .hint = hint});
}

std::string either(std::vector<std::string> words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  return out;
}

std::vector<std::string> words_of(const Key& key) {
  std::vector<std::string> words;
  for (std::string_view word : key.words) words.emplace_back(word);
  return words;
}

std::string what_it_takes(const Key& key) {
  std::vector<std::string> forms = words_of(key);
  const std::string range = key.range.is_everything() ? "" : " " + to_string(key.range);
  switch (key.kind) {
    case KeyKind::Text:
      forms.emplace_back("text");
      break;
    case KeyKind::Boolean:
      forms.emplace_back("true or false");
      break;
    case KeyKind::Integer:
      forms.push_back("a whole number" + range);
      break;
    case KeyKind::Number:
      forms.push_back("a number" + range);
      break;
    case KeyKind::Integers:
      forms.push_back("a list of whole numbers" + range);
      break;
    case KeyKind::Numbers:
      forms.push_back("a list of numbers" + range);
      break;
    case KeyKind::Texts:
      forms.emplace_back("a list of texts");
      break;
    case KeyKind::Columns:
      forms.emplace_back("a column's name or number, or a list of these");
      break;
    case KeyKind::Portion:
      forms.emplace_back("a share above 0 and below 1, a whole number of rows from 1 on, or a path");
      break;
    case KeyKind::Rate:
      forms.push_back("a number" + range + ", or a table");
      break;
    case KeyKind::Named:
      forms.emplace_back("a name, or a table");
      break;
    case KeyKind::Average:
      forms.push_back("a number" + range);
      forms.emplace_back("a table");
      break;
    case KeyKind::Tables:
      forms.emplace_back("tables");
      break;
    case KeyKind::Choice:
      break;
  }
  return either(forms);
}

bool has_word(const std::vector<std::string_view>& words, const ConfigValue& value) {
  return value.is_text() && std::find(words.begin(), words.end(), value.as_text("")) != words.end();
}

bool is_whole(const ConfigValue& value) { return std::holds_alternative<int64_t>(value.value); }

void check_number(const Key& key, const ConfigValue& value) {
  const bool whole = key.kind == KeyKind::Integer || key.kind == KeyKind::Integers;
  const bool right_type = whole ? is_whole(value) : value.is_number();
  if (!right_type) refuse(key, value, "has a value of the wrong type", what_it_takes(key));
  if (!key.range.has(value.as_number(key.name))) refuse(key, value, "is out of range", what_it_takes(key));
}

void check_number_list(const Key& key, const ConfigValue& value) {
  if (!value.is_list()) refuse(key, value, "has a value of the wrong type", what_it_takes(key));
  for (const ConfigValue& entry : value.as_list(key.name)) check_number(key, entry);
}

void check_portion(const Key& key, const ConfigValue& value) {
  if (value.is_text() && !value.as_text("").empty()) return;
  if (!value.is_number()) refuse(key, value, "has a value of the wrong type", what_it_takes(key));
  const double number = value.as_number(key.name);
  const bool is_share = number > 0 && number < 1;
  const bool is_count = number >= 1 && number <= 1e15 && std::floor(number) == number;
  if (!is_share && !is_count) refuse(key, value, "is out of range", what_it_takes(key));
}

void check_columns(const Key& key, const ConfigValue& value) {
  const auto is_column = [](const ConfigValue& v) { return v.is_text() || is_whole(v); };
  if (is_column(value)) return;
  if (!value.is_list() || value.as_list("").empty()) {
    refuse(key, value, "has a value of the wrong type", what_it_takes(key));
  }
  for (const ConfigValue& entry : value.as_list(key.name)) {
    if (!is_column(entry)) refuse(key, entry, "has a value of the wrong type", what_it_takes(key));
  }
}

void check_texts(const Key& key, const ConfigValue& value) {
  if (!value.is_list()) refuse(key, value, "has a value of the wrong type", what_it_takes(key));
  for (const ConfigValue& entry : value.as_list(key.name)) {
    if (!entry.is_text()) refuse(key, entry, "has a value of the wrong type", what_it_takes(key));
  }
}

void check_table_keys(const Key& key, const ConfigValue& table) {
  for (const ConfigEntry& entry : table.as_table(key.name)) {
    if (std::find(key.table_keys.begin(), key.table_keys.end(), entry.key) != key.table_keys.end()) continue;
    throw Error(ErrorKind::Usage, {.where = entry.value.where,
                                   .fact = "unknown key " + quote(entry.key) + " of " + key.path(),
                                   .expected = "one of " + either(key.table_keys),
                                   .hint = did_you_mean(entry.key, key.table_keys)});
  }
}

void check_norm(const Key& key, const ConfigValue& table) {
  check_table_keys(key, table);
  const ConfigValue* place = table.find("place");
  const std::vector<std::string> places = {"before", "after", "none"};
  if (place != nullptr && std::find(places.begin(), places.end(), place->as_text(key.path())) == places.end()) {
    refuse(key, *place, "has an unknown place", either(places));
  }
  const auto check = [&](std::string_view name, const Range& range) {
    const ConfigValue* number = table.find(name);
    if (number == nullptr) return;
    const std::string path = std::string(key.name) + "." + std::string(name);
    if (!range.has(number->as_number(path))) {
      throw Error(ErrorKind::Usage, {.where = number->where,
                                     .fact = "key model." + path + " is out of range",
                                     .found = shown(*number),
                                     .expected = "a number " + to_string(range)});
    }
  };
  check("momentum", share());
  check("epsilon", above(0));
  for (const char* name : {"scale", "center", "output"}) {
    if (const ConfigValue* flag = table.find(name))
      static_cast<void>(flag->as_bool(std::string(key.name) + "." + name));
  }
}

void check_rate(const Key& key, const ConfigValue& value) {
  if (!value.is_table()) return check_number(key, value);
  check_table_keys(key, value);
  const ConfigValue* rate = value.find("rate");
  if (rate != nullptr && !has_word(key.words, *rate)) check_number(key, *rate);
  const ConfigValue* kind = value.find("kind");
  const std::vector<std::string> kinds = {"standard", "alpha", "gaussian"};
  if (kind == nullptr) return;
  if (!kind->is_text() || std::find(kinds.begin(), kinds.end(), kind->as_text("dropout.kind")) == kinds.end())
    refuse(key, *kind, "has an unknown kind", either(kinds));
}

/// The table that a plain text is short for.
ConfigValue as_named_table(const Key& key, const ConfigValue& value) {
  if (value.is_table()) return value;
  ConfigValue table;
  table.where = value.where;
  table.set(key.name_key, value);
  return table;
}

constexpr double kAnyMomentum = 0.9;  // the optimizer's own is looked at where the tree is whole

/// The owners of names and tables check them; they know no file, so the place is added here.
void check_by_owner(const Key& key, const ConfigValue& value) {
  try {
    if (key.name == "activation") static_cast<void>(activation_from_config(value));
    if (key.name == "initializer") static_cast<void>(initializer_from_config(value));
    if (key.name == "optimizer") static_cast<void>(optimizer_from_config(value));
    if (key.name == "loss") static_cast<void>(loss_from_config(value));
    if (key.name == "schedule") static_cast<void>(schedule_from_config(value));
    if (key.name == "momentum_schedule") static_cast<void>(momentum_schedule_from_config(value, kAnyMomentum));
    if (key.name == "weight_average") static_cast<void>(weight_average_from_config(value));
    if (key.name == "layer") static_cast<void>(layers_from_config(value));
  } catch (const Error& error) {
    ErrorText text = error.text();
    if (text.where.empty()) text.where = value.where;
    if (text.fact.find(key.path()) == std::string::npos) text.fact = "key " + key.path() + ": " + text.fact;
    throw Error(ErrorKind::Usage, text);
  }
}

void check_named(const Key& key, const ConfigValue& value) {
  if (!value.is_text() && !value.is_table()) refuse(key, value, "has a value of the wrong type", what_it_takes(key));
  check_by_owner(key, value);
  if (key.name_key == "place") check_norm(key, as_named_table(key, value));
}

void check_text(const Key& key, const ConfigValue& value) {
  if (!value.is_text()) refuse(key, value, "has a value of the wrong type", what_it_takes(key));
}

void check_choice(const Key& key, const ConfigValue& value) {
  if (has_word(key.words, value)) return;
  refuse(key, value, "has an unknown value", either(words_of(key)),
         value.is_text() ? did_you_mean(value.as_text(""), words_of(key)) : "");
}

ConfigValue parse_number_or_text(std::string_view text) {
  if (const auto integer = parse_integer(text)) return *integer;
  if (const auto number = parse_number(text)) return *number;
  return std::string(text);
}

ConfigValue parse_list(const Key& key, std::string_view text, const std::string& where) {
  ConfigValue::List list;
  if (trim(text).empty()) return list;
  for (const std::string& part : split(text, ',')) {
    ConfigValue entry(std::string(trim(part)));
    if (key.kind == KeyKind::Integers || key.kind == KeyKind::Numbers) entry = parse_number_or_text(trim(part));
    entry.where = where;
    list.push_back(std::move(entry));
  }
  return list;
}

ConfigValue parse_plain(const Key& key, std::string_view text, const std::string& where) {
  switch (key.kind) {
    case KeyKind::Boolean:
      if (text == "true") return true;
      if (text == "false") return false;
      return std::string(text);
    case KeyKind::Integer:
    case KeyKind::Number:
    case KeyKind::Portion:
    case KeyKind::Rate:
    case KeyKind::Average:
      return parse_number_or_text(text);
    case KeyKind::Integers:
    case KeyKind::Numbers:
      if (has_word(key.words, std::string(text))) return std::string(text);
      return parse_list(key, text, where);
    case KeyKind::Texts:
      return parse_list(key, text, where);
    case KeyKind::Columns: {
      if (text.find(',') == std::string_view::npos) return std::string(text);
      return parse_list(key, text, where);
    }
    default:
      return std::string(text);
  }
}

}  // namespace

void check_value(const Key& key, const ConfigValue& value) {
  if (key.later && !(value == default_value(key)))
    refuse(key, value, "is not supported yet", std::string(key.default_text));
  if (has_word(key.later_words, value))
    refuse(key, value, "has a value that is not supported yet", either(words_of(key)));
  if (key.kind != KeyKind::Choice && has_word(key.words, value)) return;
  switch (key.kind) {
    case KeyKind::Text:
      return check_text(key, value);
    case KeyKind::Boolean:
      if (!key.words.empty() && value.is_text()) return check_choice(key, value);
      static_cast<void>(value.as_bool(key.path()));
      return;
    case KeyKind::Integer:
    case KeyKind::Number:
      return check_number(key, value);
    case KeyKind::Integers:
    case KeyKind::Numbers:
      return check_number_list(key, value);
    case KeyKind::Texts:
      return check_texts(key, value);
    case KeyKind::Columns:
      return check_columns(key, value);
    case KeyKind::Portion:
      return check_portion(key, value);
    case KeyKind::Choice:
      return check_choice(key, value);
    case KeyKind::Rate:
      return check_rate(key, value);
    case KeyKind::Named:
      return check_named(key, value);
    case KeyKind::Average:
      if (value.is_number() && !key.range.has(value.as_number(key.name))) {
        refuse(key, value, "is out of range", what_it_takes(key));
      }
      if (!value.is_number() && !value.is_text() && !value.is_table()) {
        refuse(key, value, "has a value of the wrong type", what_it_takes(key));
      }
      return check_by_owner(key, value);
    case KeyKind::Tables:
      if (!value.is_list()) refuse(key, value, "has a value of the wrong type", "[[train.layer]], once a table");
      return check_by_owner(key, value);
  }
}

ConfigValue parse_value(const Key& key, std::string_view text, const std::string& where) {
  const std::string_view trimmed = trim(text);
  const bool takes_list = key.kind == KeyKind::Integers || key.kind == KeyKind::Numbers || key.kind == KeyKind::Texts ||
                          key.kind == KeyKind::Columns || key.kind == KeyKind::Tables;
  const bool is_toml = trimmed.starts_with(takes_list ? '[' : '{') && (takes_list || !key.table_keys.empty());
  ConfigValue value = is_toml ? parse_toml_value(trimmed, where) : parse_plain(key, text, where);
  value.where = where;
  return value;
}

}  // namespace redbud::cli
