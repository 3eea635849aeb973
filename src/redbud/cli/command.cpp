#include "redbud/cli/command.h"

#include <algorithm>

#include "redbud/cli/config/keys.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& where, const std::string& expected) {
  throw Error(ErrorKind::Usage,
              {.where = where, .fact = "has a value that is not possible", .found = quote(text), .expected = expected});
}

std::string what(const char* kind, const Range& range) {
  return range.is_everything() ? kind : std::string(kind) + " " + to_string(range);
}

}  // namespace

void read_typed(const std::string& text, const std::string&, const Range&, std::string& value) { value = text; }

void read_typed(const std::string& text, const std::string& where, const Range&, Path& value) {
  if (text.empty()) refuse(text, where, "a path");
  value = text;
}

void read_typed(const std::string&, const std::string&, const Range&, bool& value) { value = true; }

void read_typed(const std::string& text, const std::string& where, const Range& range, int64_t& value) {
  const auto number = parse_integer(text);
  if (!number || !range.has(static_cast<double>(*number))) refuse(text, where, what("a whole number", range));
  value = *number;
}

void read_typed(const std::string& text, const std::string& where, const Range& range, int& value) {
  Range fits = range;
  fits.min = std::max(fits.min, -2147483648.0);
  fits.max = std::min(fits.max, 2147483647.0);
  int64_t number = 0;
  read_typed(text, where, fits, number);
  value = static_cast<int>(number);
}

void read_typed(const std::string& text, const std::string& where, const Range& range, double& value) {
  const auto number = parse_number(text);
  if (!number || !range.has(*number)) refuse(text, where, what("a number", range));
  value = *number;
}

void read_typed(const std::string& text, const std::string&, const Range&, std::vector<std::string>& value) {
  value.push_back(text);
}

std::vector<RunKeyOption> run_key_options(const std::vector<std::string>& paths) {
  std::vector<RunKeyOption> options;
  for (const Key& key : run_keys()) {
    if (key.later) continue;
    if (!paths.empty() && std::find(paths.begin(), paths.end(), key.path()) == paths.end()) continue;
    std::string meaning(key.meaning);
    if (!key.default_text.empty()) meaning += " [" + std::string(key.default_text) + "]";
    Parameter parameter{.name = key.option(),
                        .value_name = std::string(key.value_name),
                        .meaning = std::move(meaning),
                        .group = "[" + std::string(key.section) + "]"};
    options.push_back({std::move(parameter), key.path()});
  }
  if (paths.empty()) {
    options.push_back({{.name = "--set",
                        .value_name = "KEY=VALUE",
                        .meaning = "any key of the run file, nested ones too: --set train.optimizer.beta1=0.8",
                        .repeatable = true},
                       ""});
  }
  return options;
}

Override to_override(const std::string& path, const std::string& option, const std::string& text) {
  if (!path.empty()) return {path, text, option};
  const size_t at = text.find('=');
  if (at == std::string::npos || at == 0) refuse(text, option, "KEY=VALUE, as in --set train.epochs=5");
  const std::string key(trim(text.substr(0, at)));
  return {key, std::string(trim(text.substr(at + 1))), option + " " + key};
}

}  // namespace redbud::cli
