#include "redbud/checkpoint/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "redbud/core/text.h"

namespace redbud {
namespace {

using Json = nlohmann::ordered_json;

/// Whether a text stands in JSON as it is.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; });
}

/// Texts that need care are written by the JSON library. Lists and tables never go through it: to take one down it
/// allocates, and where no memory is left the program would end there.
void append_text(std::string& out, const std::string& text) {
  if (is_plain(text)) {
    (out += '"').append(text) += '"';
  } else {
    out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

/// The shortest digits that read back as the same number.
void append_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 64> digits{};
  out.append(digits.data(), nlohmann::detail::to_chars(digits.data(), digits.data() + digits.size(), number));
}

void append_json(std::string& out, const ConfigValue& value) {
  struct Visitor {
    std::string& out;
    void operator()(std::monostate) const { out += "null"; }
    void operator()(bool v) const { out += v ? "true" : "false"; }
    void operator()(int64_t v) const { out += std::to_string(v); }
    void operator()(double v) const { append_number(out, v); }
    void operator()(const std::string& v) const { append_text(out, v); }
    void operator()(const ConfigValue::List& list) const {
      out += '[';
      for (const ConfigValue& v : list) {
        if (&v != list.data()) out += ',';
        append_json(out, v);
      }
      out += ']';
    }
    void operator()(const ConfigValue::Table& table) const {
      out += '{';
      for (const ConfigEntry& entry : table) {
        if (&entry != table.data()) out += ',';
        append_text(out, entry.key);
        out += ':';
        append_json(out, entry.value);
      }
      out += '}';
    }
  };
  std::visit(Visitor{out}, value.value);
}

/// Builds the value while the parser reads, with a stack of its own: depth costs no call stack.
class Builder : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  ConfigValue take() { return std::move(root_); }

  bool null() override { return add({}); }
  bool boolean(bool v) override { return add(v); }
  bool number_integer(number_integer_t v) override { return add(v); }
  bool number_unsigned(number_unsigned_t v) override {
    constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    return v <= kMost ? add(static_cast<int64_t>(v)) : add(static_cast<double>(v));
  }
  bool number_float(number_float_t v, const string_t&) override { return add(v); }
  bool string(string_t& v) override { return add(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(ConfigValue::Table{}); }
  bool start_array(std::size_t) override { return open(ConfigValue::List{}); }
  bool end_array() override { return close(); }
  bool key(string_t& v) override {
    stack_.back().key = std::move(v);
    return true;
  }
  bool end_object() override {
    check_keys(std::get<ConfigValue::Table>(stack_.back().value.value));
    return close();
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) override {
    if (dynamic_cast<const Json::out_of_range*>(&e) != nullptr) refuse("a number is out of range");
    // The position counts bytes read, so the one at fault is the last of them.
    refuse(fmt::format("is not valid JSON at byte {}", position == 0 ? 0 : position - 1));
  }

 private:
  struct Level {
    ConfigValue value;
    std::string key;
  };

  [[noreturn]] void refuse(std::string fact) const {
    throw Error(limits_.kind, {.where = limits_.where, .fact = std::move(fact)});
  }

  void check_keys(const ConfigValue::Table& table) const {
    std::vector<std::string_view> keys;
    for (const ConfigEntry& entry : table) keys.push_back(entry.key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) refuse(fmt::format("the key {} stands twice in one JSON object", quote(*twice)));
  }

  bool open(ConfigValue value) {
    if (static_cast<int>(stack_.size()) >= limits_.depth) {
      refuse(fmt::format("JSON is nested deeper than {} levels", limits_.depth));
    }
    stack_.push_back({std::move(value), {}});
    return true;
  }

  bool close() {
    ConfigValue done = std::move(stack_.back().value);
    stack_.pop_back();
    return add(std::move(done));
  }

  bool add(ConfigValue value) {
    if (stack_.empty()) {
      root_ = std::move(value);
      return true;
    }
    Level& level = stack_.back();
    if (auto* table = std::get_if<ConfigValue::Table>(&level.value.value)) {
      table->push_back({std::move(level.key), std::move(value)});
    } else {
      std::get<ConfigValue::List>(level.value.value).push_back(std::move(value));
    }
    return true;
  }

  const JsonLimits& limits_;
  ConfigValue root_;
  std::vector<Level> stack_;
};

}  // namespace

std::string to_json(const ConfigValue& value) {
  std::string out;
  append_json(out, value);
  return out;
}

ConfigValue parse_json(std::string_view text, const JsonLimits& limits) {
  Builder builder(limits);
  const bool done = Json::sax_parse(text.begin(), text.end(), &builder);
  RB_ASSERT(done);
  return builder.take();
}

}  // namespace redbud
