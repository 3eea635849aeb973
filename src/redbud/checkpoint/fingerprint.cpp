#include "redbud/checkpoint/fingerprint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "redbud/checkpoint/json.h"
#include "redbud/core/error.h"

namespace redbud {
namespace {

std::string text_of(const ConfigValue* value) {
  constexpr size_t kLongest = 200;
  std::string text = value == nullptr ? "nothing" : to_json(*value);
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

std::optional<ConfigDifference> compare(const std::string& key, const ConfigValue* left, const ConfigValue* right);

std::string joined(const std::string& key, const std::string& entry) { return key.empty() ? entry : key + "." + entry; }

std::optional<ConfigDifference> compare_tables(const std::string& key, const ConfigValue& left,
                                               const ConfigValue& right) {
  for (const ConfigEntry& entry : std::get<ConfigValue::Table>(left.value)) {
    if (auto d = compare(joined(key, entry.key), &entry.value, right.find(entry.key))) return d;
  }
  for (const ConfigEntry& entry : std::get<ConfigValue::Table>(right.value)) {
    if (left.find(entry.key) == nullptr) return compare(joined(key, entry.key), nullptr, &entry.value);
  }
  return std::nullopt;
}

std::optional<ConfigDifference> compare_lists(const std::string& key, const ConfigValue& left,
                                              const ConfigValue& right) {
  const auto& l = std::get<ConfigValue::List>(left.value);
  const auto& r = std::get<ConfigValue::List>(right.value);
  for (size_t i = 0; i < std::max(l.size(), r.size()); ++i) {
    // A list of layers is easier to read by their names than by numbers.
    const ConfigValue* name = i < l.size() && l[i].is_table() ? l[i].find("name") : nullptr;
    const std::string place =
        name != nullptr && name->is_text() ? std::get<std::string>(name->value) : fmt::format("{}", i);
    if (auto d = compare(joined(key, place), i < l.size() ? &l[i] : nullptr, i < r.size() ? &r[i] : nullptr)) return d;
  }
  return std::nullopt;
}

std::optional<ConfigDifference> compare(const std::string& key, const ConfigValue* left, const ConfigValue* right) {
  if (left != nullptr && right != nullptr) {
    if (left->is_table() && right->is_table()) return compare_tables(key, *left, *right);
    if (left->is_list() && right->is_list()) return compare_lists(key, *left, *right);
    if (to_json(*left) == to_json(*right)) return std::nullopt;
  }
  return ConfigDifference{key, text_of(left), text_of(right)};
}

}  // namespace

std::optional<ConfigDifference> first_difference(const ConfigValue& left, const ConfigValue& right) {
  return compare("", &left, &right);
}

std::string other_bits(const Fingerprint& saved, const Fingerprint& now) {
  std::vector<std::string> parts;
  if (saved.target != now.target) parts.push_back(fmt::format("instruction set {}, now {}", saved.target, now.target));
  if (!saved.version.empty() && saved.version != now.version) {
    parts.push_back(fmt::format("redbud {}, now {}", saved.version, now.version));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

void require_same_run(const Fingerprint& saved, const Fingerprint& now, const std::string& where) {
  if (const auto d = first_difference(saved.config, now.config)) {
    throw Error(ErrorKind::Data, {.where = where,
                                  .fact = "the configuration is another one than the checkpoint's: " + d->key,
                                  .found = d->right,
                                  .expected = d->left,
                                  .hint = "give the run its old configuration, or start a new run in another folder"});
  }
  if (saved.data != now.data) {
    throw Error(ErrorKind::Data, {.where = where,
                                  .fact = "the data are not those of the checkpoint",
                                  .found = fmt::format("checksum {:016x}", now.data),
                                  .expected = fmt::format("{:016x}", saved.data),
                                  .hint = "give the run its old data, or start a new run in another folder"});
  }
}

}  // namespace redbud
