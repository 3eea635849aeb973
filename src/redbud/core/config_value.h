#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace redbud {

/// A configuration as it stands in a run file or a model file: a tree of tables, lists and plain values, with no
/// library's type in it. Tables keep the order of their keys.
struct ConfigEntry;
struct ConfigValue {
  using List = std::vector<ConfigValue>;
  using Table = std::vector<ConfigEntry>;
  std::variant<std::monostate, bool, int64_t, double, std::string, List, Table> value;
  std::string where;  // "run.toml:12:3" where it came from a file; for messages

  ConfigValue();
  ConfigValue(bool v);
  ConfigValue(int v);
  ConfigValue(int64_t v);
  ConfigValue(double v);
  ConfigValue(const char* v);
  ConfigValue(std::string v);
  ConfigValue(std::string_view v);
  ConfigValue(List v);
  ConfigValue(Table v);
  ConfigValue(const ConfigValue& other);
  ConfigValue(ConfigValue&& other) noexcept;
  ConfigValue& operator=(const ConfigValue& other);
  ConfigValue& operator=(ConfigValue&& other) noexcept;
  ~ConfigValue();

  bool is_null() const { return std::holds_alternative<std::monostate>(value); }
  bool is_number() const { return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value); }
  bool is_text() const { return std::holds_alternative<std::string>(value); }
  bool is_table() const { return std::holds_alternative<Table>(value); }
  bool is_list() const { return std::holds_alternative<List>(value); }

  /// Throw Error{Usage} naming `where` and `key` if the value is of another type.
  bool as_bool(std::string_view key) const;
  int64_t as_integer(std::string_view key) const;
  double as_number(std::string_view key) const;
  const std::string& as_text(std::string_view key) const;
  const List& as_list(std::string_view key) const;
  const Table& as_table(std::string_view key) const;
  Table& as_table(std::string_view key);

  /// The entry of a table, or null.
  const ConfigValue* find(std::string_view key) const;
  ConfigValue* find(std::string_view key);
  /// Sets or adds an entry of a table (a null value becomes a table first).
  ConfigValue& set(std::string_view key, ConfigValue entry);
};
struct ConfigEntry {
  std::string key;
  ConfigValue value;
};

// Defined here because a variant needs its types to be complete.
inline ConfigValue::ConfigValue() = default;
inline ConfigValue::ConfigValue(bool v) : value(v) {}
inline ConfigValue::ConfigValue(int v) : value(static_cast<int64_t>(v)) {}
inline ConfigValue::ConfigValue(int64_t v) : value(v) {}
inline ConfigValue::ConfigValue(double v) : value(v) {}
inline ConfigValue::ConfigValue(const char* v) : value(std::string(v)) {}
inline ConfigValue::ConfigValue(std::string v) : value(std::move(v)) {}
inline ConfigValue::ConfigValue(std::string_view v) : value(std::string(v)) {}
inline ConfigValue::ConfigValue(List v) : value(std::move(v)) {}
inline ConfigValue::ConfigValue(Table v) : value(std::move(v)) {}
inline ConfigValue::ConfigValue(ConfigValue&& other) noexcept = default;
inline ConfigValue& ConfigValue::operator=(ConfigValue&& other) noexcept = default;
inline ConfigValue::~ConfigValue() = default;

bool operator==(const ConfigValue& a, const ConfigValue& b);
bool operator==(const ConfigEntry& a, const ConfigEntry& b);

}  // namespace redbud
