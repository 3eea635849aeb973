#pragma once
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "redbud/core/config_value.h"

namespace redbud {

// What a record of a log says under a key, where anything may be missing or of another type.

inline double number_in(const ConfigValue& record, std::string_view key) {
  const ConfigValue* value = record.find(key);
  return value != nullptr && value->is_number() ? value->as_number(key) : std::numeric_limits<double>::quiet_NaN();
}

inline int64_t integer_in(const ConfigValue& record, std::string_view key) {
  const double number = number_in(record, key);
  return std::abs(number) < 1e15 ? static_cast<int64_t>(number) : 0;
}

inline std::string text_in(const ConfigValue& record, std::string_view key) {
  const ConfigValue* value = record.find(key);
  return value != nullptr && value->is_text() ? value->as_text(key) : "";
}

inline bool flag_in(const ConfigValue& record, std::string_view key) {
  const ConfigValue* value = record.find(key);
  return value != nullptr && std::holds_alternative<bool>(value->value) && value->as_bool(key);
}

inline const ConfigValue::List& list_in(const ConfigValue& record, std::string_view key) {
  static const ConfigValue::List none;
  const ConfigValue* value = record.find(key);
  return value != nullptr && value->is_list() ? value->as_list(key) : none;
}

inline const ConfigValue& table_in(const ConfigValue& record, std::string_view key) {
  static const ConfigValue none;
  const ConfigValue* value = record.find(key);
  return value != nullptr && value->is_table() ? *value : none;
}

}  // namespace redbud
