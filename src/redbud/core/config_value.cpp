#include "redbud/core/config_value.h"

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

std::string describe(const ConfigValue& v) {
  struct Describe {
    std::string operator()(std::monostate) const { return "nothing"; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(int64_t i) const { return std::to_string(i); }
    std::string operator()(double d) const { return format_number(d); }
    std::string operator()(const std::string& s) const { return quote(s); }
    std::string operator()(const ConfigValue::List&) const { return "a list"; }
    std::string operator()(const ConfigValue::Table&) const { return "a table"; }
  };
  return std::visit(Describe{}, v.value);
}

[[noreturn]] void refuse(const ConfigValue& v, std::string_view key, const char* expected) {
  throw Error(ErrorKind::Usage, {.where = v.where,
                                 .fact = "key " + std::string(key) + " has a value of the wrong type",
                                 .found = describe(v),
                                 .expected = expected});
}

}  // namespace

// libstdc++ 12 takes this variant for one that always holds something (every alternative can be moved without
// throwing), so where its own copy throws, the half-made one is destroyed as if it did. Here the copy is made before it
// is put in.
ConfigValue::ConfigValue(const ConfigValue& other) : where(other.where) {
  std::visit(
      [this](const auto& held) {
        auto copy = held;
        value = std::move(copy);
      },
      other.value);
}

ConfigValue& ConfigValue::operator=(const ConfigValue& other) {
  *this = ConfigValue(other);
  return *this;
}

bool ConfigValue::as_bool(std::string_view key) const {
  if (const bool* b = std::get_if<bool>(&value)) return *b;
  refuse(*this, key, "true or false");
}

int64_t ConfigValue::as_integer(std::string_view key) const {
  if (const int64_t* i = std::get_if<int64_t>(&value)) return *i;
  refuse(*this, key, "a whole number");
}

double ConfigValue::as_number(std::string_view key) const {
  if (const double* d = std::get_if<double>(&value)) return *d;
  if (const int64_t* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
  refuse(*this, key, "a number");
}

const std::string& ConfigValue::as_text(std::string_view key) const {
  if (const std::string* s = std::get_if<std::string>(&value)) return *s;
  refuse(*this, key, "text in quotes");
}

const ConfigValue::List& ConfigValue::as_list(std::string_view key) const {
  if (const List* l = std::get_if<List>(&value)) return *l;
  refuse(*this, key, "a list");
}

const ConfigValue::Table& ConfigValue::as_table(std::string_view key) const {
  if (const Table* t = std::get_if<Table>(&value)) return *t;
  refuse(*this, key, "a table");
}

ConfigValue::Table& ConfigValue::as_table(std::string_view key) {
  if (Table* t = std::get_if<Table>(&value)) return *t;
  refuse(*this, key, "a table");
}

const ConfigValue* ConfigValue::find(std::string_view key) const {
  const Table* table = std::get_if<Table>(&value);
  if (table == nullptr) return nullptr;
  for (const ConfigEntry& entry : *table) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

ConfigValue* ConfigValue::find(std::string_view key) {
  return const_cast<ConfigValue*>(static_cast<const ConfigValue*>(this)->find(key));
}

ConfigValue& ConfigValue::set(std::string_view key, ConfigValue entry) {
  if (is_null()) value = Table{};
  if (ConfigValue* old = find(key)) return *old = std::move(entry);
  Table& table = as_table(key);
  table.push_back({std::string(key), std::move(entry)});
  return table.back().value;
}

bool operator==(const ConfigValue& a, const ConfigValue& b) { return a.value == b.value; }
bool operator==(const ConfigEntry& a, const ConfigEntry& b) { return a.key == b.key && a.value == b.value; }

}  // namespace redbud
