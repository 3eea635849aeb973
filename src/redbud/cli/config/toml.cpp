#include "redbud/cli/config/toml.h"

#include <toml++/toml.h>
#include <cmath>

#include <algorithm>

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

std::string place(const std::string& name, const toml::source_position& position) {
  return name + ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
}

ConfigValue convert(const toml::node& node, const std::string& name, const toml::source_position& position);

ConfigValue convert_table(const toml::table& table, const std::string& name) {
  struct Item {
    const toml::key* key;
    const toml::node* node;
  };
  std::vector<Item> items;
  for (const auto& [key, node] : table) items.push_back({&key, &node});
  // The library sorts keys by name; a file's order is by place.
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    const auto& pa = a.key->source().begin;
    const auto& pb = b.key->source().begin;
    return pa.line != pb.line ? pa.line < pb.line : pa.column < pb.column;
  });
  ConfigValue::Table out;
  for (const Item& item : items) {
    out.push_back({std::string(item.key->str()), convert(*item.node, name, item.key->source().begin)});
  }
  return out;
}

ConfigValue convert(const toml::node& node, const std::string& name, const toml::source_position& position) {
  ConfigValue value;
  if (const auto* table = node.as_table()) {
    value = convert_table(*table, name);
  } else if (const auto* array = node.as_array()) {
    ConfigValue::List list;
    for (const toml::node& entry : *array) list.push_back(convert(entry, name, entry.source().begin));
    value = std::move(list);
  } else if (const auto* text = node.as_string()) {
    value = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value = static_cast<int64_t>(integer->get());
  } else if (const auto* number = node.as_floating_point()) {
    value = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value = boolean->get();
  } else {
    throw Error(ErrorKind::Usage, {.where = place(name, position),
                                   .fact = "a date or a time stands here",
                                   .expected = "a number, true or false, text in quotes, a list or a table"});
  }
  value.where = place(name, position);
  return value;
}

std::string quote_toml(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string number_to_toml(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::string text = format_number(number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

bool is_bare_key(const std::string& key) {
  const auto is_bare = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !key.empty() && std::all_of(key.begin(), key.end(), is_bare);
}

}  // namespace

ConfigValue parse_toml(std::string_view text, const std::string& name) {
  try {
    const toml::table table = toml::parse(text, name);
    ConfigValue value = convert_table(table, name);
    value.where = name;
    return value;
  } catch (const toml::parse_error& error) {
    throw Error(
        ErrorKind::Usage,
        {.where = place(name, error.source().begin), .fact = "is not TOML", .found = std::string(error.description())});
  }
}

ConfigValue parse_toml_value(std::string_view text, const std::string& where) {
  try {
    const toml::table table = toml::parse("value = " + std::string(text));
    if (table.size() == 1 && table.contains("value")) {
      ConfigValue value = convert(*table.get("value"), where, {});
      const auto mark = [&](auto& self, ConfigValue& v) -> void {
        v.where = where;
        if (auto* list = std::get_if<ConfigValue::List>(&v.value)) {
          for (ConfigValue& entry : *list) self(self, entry);
        } else if (auto* inner = std::get_if<ConfigValue::Table>(&v.value)) {
          for (ConfigEntry& entry : *inner) self(self, entry.value);
        }
      };
      mark(mark, value);
      return value;
    }
  } catch (const toml::parse_error&) {
    // Said below, without the library's words: they speak of a file.
  }
  throw Error(ErrorKind::Usage,
              {.where = where,
               .fact = "is not a value",
               .found = quote(text),
               .expected = "TOML: a number, true or false, text in quotes, a list [...] or a table { ... }"});
}

std::string to_toml_value(const ConfigValue& value) {
  struct Write {
    std::string operator()(std::monostate) const { return "\"\""; }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(int64_t i) const { return std::to_string(i); }
    std::string operator()(double d) const { return number_to_toml(d); }
    std::string operator()(const std::string& s) const { return quote_toml(s); }
    std::string operator()(const ConfigValue::List& list) const {
      std::string out;
      for (const ConfigValue& entry : list) out += (out.empty() ? "" : ", ") + to_toml_value(entry);
      return "[" + out + "]";
    }
    std::string operator()(const ConfigValue::Table& table) const {
      std::string out;
      for (const ConfigEntry& entry : table) {
        out += (out.empty() ? "" : ", ") + (is_bare_key(entry.key) ? entry.key : quote_toml(entry.key)) + " = " +
               to_toml_value(entry.value);
      }
      return table.empty() ? "{}" : "{ " + out + " }";
    }
  };
  return std::visit(Write{}, value.value);
}

}  // namespace redbud::cli
