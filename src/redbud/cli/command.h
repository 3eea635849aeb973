#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "redbud/cli/config/range.h"
#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/console.h"
#include "redbud/core/file.h"

namespace redbud::cli {

constexpr int kExitOk = 0;

/// Typed text to the value of an option; `where` is the option's name. A list takes one entry a call.
/// Throws  Error{Usage}: not a number, out of range
void read_typed(const std::string& text, const std::string& where, const Range& range, std::string& value);
void read_typed(const std::string& text, const std::string& where, const Range& range, Path& value);
void read_typed(const std::string& text, const std::string& where, const Range& range, bool& value);
void read_typed(const std::string& text, const std::string& where, const Range& range, int& value);
void read_typed(const std::string& text, const std::string& where, const Range& range, int64_t& value);
void read_typed(const std::string& text, const std::string& where, const Range& range, double& value);
void read_typed(const std::string& text, const std::string& where, const Range& range, std::vector<std::string>& value);
template <class T>
void read_typed(const std::string& text, const std::string& where, const Range& range, std::optional<T>& value) {
  read_typed(text, where, range, value.emplace());
}

/// An argument or an option of a command.
struct Parameter {
  std::string name;        // "--out", or "DATA" for an argument
  std::string value_name;  // "" = a flag
  std::string meaning;
  std::string group = "Options";  // heading in --help
  bool required = false;
  bool repeatable = false;
  std::function<void(void* options, const std::string& text)> set = {};
};

/// A verb of the program. Made by CommandBuilder.
struct Command {
  std::string name;
  std::string summary;
  std::string example;  // whole command lines
  std::vector<Parameter> arguments;
  std::vector<Parameter> options;
  std::function<std::shared_ptr<void>()> make_options;
  std::function<int(void* options, Console& console)> run;
};

/// The option of a run file's key; `path` is "" for --set.
struct RunKeyOption {
  Parameter parameter;
  std::string path;
};
/// Those of all keys and --set, or those of some keys alone.
std::vector<RunKeyOption> run_key_options(const std::vector<std::string>& paths);
Override to_override(const std::string& path, const std::string& option, const std::string& text);

/// Describes a command whose values land in the members of `Options`.
template <class Options>
class CommandBuilder {
 public:
  CommandBuilder(std::string name, std::string summary, int (*run)(Options&, Console&)) {
    command_.name = std::move(name);
    command_.summary = std::move(summary);
    command_.make_options = [] { return std::make_shared<Options>(); };
    command_.run = [run](void* options, Console& console) { return run(*static_cast<Options*>(options), console); };
  }

  template <class T>
  CommandBuilder& argument(const char* name, T Options::*member, const char* meaning) {
    return add(command_.arguments, {.name = name, .value_name = name, .meaning = meaning, .required = true}, member);
  }
  template <class T>
  CommandBuilder& optional_argument(const char* name, T Options::*member, const char* meaning) {
    return add(command_.arguments, {.name = name, .value_name = name, .meaning = meaning}, member);
  }
  /// The last argument, which may be given several times.
  CommandBuilder& arguments(const char* name, std::vector<std::string> Options::*member, const char* meaning) {
    return add(command_.arguments,
               {.name = name, .value_name = name, .meaning = meaning, .required = true, .repeatable = true}, member);
  }
  template <class T>
  CommandBuilder& option(const char* name, T Options::*member, const char* value_name, const char* meaning,
                         const Range& range = {}) {
    return add(command_.options, {.name = name, .value_name = value_name, .meaning = meaning}, member, range);
  }
  CommandBuilder& list_option(const char* name, std::vector<std::string> Options::*member, const char* value_name,
                              const char* meaning) {
    return add(command_.options, {.name = name, .value_name = value_name, .meaning = meaning, .repeatable = true},
               member);
  }
  CommandBuilder& flag(const char* name, bool Options::*member, const char* meaning) {
    return add(command_.options, {.name = name, .value_name = {}, .meaning = meaning}, member);
  }
  CommandBuilder& run_keys(std::vector<Override> Options::*member, const std::vector<std::string>& paths = {}) {
    for (RunKeyOption& option : run_key_options(paths)) {
      Parameter parameter = std::move(option.parameter);
      parameter.set = [member, path = option.path, name = parameter.name](void* options, const std::string& text) {
        (static_cast<Options*>(options)->*member).push_back(to_override(path, name, text));
      };
      command_.options.push_back(std::move(parameter));
    }
    return *this;
  }
  CommandBuilder& example(std::string lines) {
    command_.example = std::move(lines);
    return *this;
  }
  Command build() const { return command_; }

 private:
  template <class T>
  CommandBuilder& add(std::vector<Parameter>& to, Parameter parameter, T Options::*member, const Range& range = {}) {
    parameter.set = [member, range, name = parameter.name](void* options, const std::string& text) {
      read_typed(text, name, range, static_cast<Options*>(options)->*member);
    };
    to.push_back(std::move(parameter));
    return *this;
  }

  Command command_;
};

}  // namespace redbud::cli
