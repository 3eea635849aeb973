#include "redbud/cli/command_line.h"

#include <algorithm>
#include <map>

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

constexpr size_t kHelpColumns = 100;
constexpr size_t kMeaningColumn = 34;

const Parameter* find_option(const Command& command, const std::string& name) {
  for (const Parameter& option : command.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

std::string see_help(const Command& command) { return "see `redbud " + command.name + " --help`"; }

[[noreturn]] void refuse_option(const Command& command, const std::string& name) {
  std::vector<std::string> names;
  for (const Parameter& option : command.options) names.push_back(option.name);
  const std::string close = nearest(name, names);
  throw Error(ErrorKind::Usage, {.where = "redbud " + command.name,
                                 .fact = "unknown option " + quote(name),
                                 .hint = close.empty() ? see_help(command) : "did you mean " + close + "?"});
}

/// The words of a command line, one after the other.
class Words {
 public:
  explicit Words(const std::vector<std::string>& words) : words_(words) {}

  bool is_end() const { return next_ == words_.size(); }
  const std::string& take() { return words_[next_++]; }

 private:
  const std::vector<std::string>& words_;
  size_t next_ = 0;
};

/// What was given for each option, in the order of the command line.
struct Given {
  const Parameter* option;
  std::string text;
};

Given read_option(const Command& command, const std::string& word, Words& words) {
  const size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const Parameter* option = find_option(command, name);
  if (option == nullptr) refuse_option(command, name);
  const bool is_flag = option->value_name.empty();
  if (is_flag && equals != std::string::npos) {
    throw Error(ErrorKind::Usage, {.where = name, .fact = "takes no value", .found = quote(word.substr(equals + 1))});
  }
  if (is_flag) return {option, "true"};
  if (equals != std::string::npos) return {option, word.substr(equals + 1)};
  if (words.is_end()) {
    throw Error(ErrorKind::Usage,
                {.where = name, .fact = "has no value", .expected = option->value_name, .hint = see_help(command)});
  }
  return {option, words.take()};
}

void set_options(const std::vector<Given>& given, void* options) {
  std::map<const Parameter*, size_t> last;
  for (size_t i = 0; i < given.size(); ++i) last[given[i].option] = i;
  for (size_t i = 0; i < given.size(); ++i) {
    if (given[i].option->repeatable || last[given[i].option] == i) given[i].option->set(options, given[i].text);
  }
}

void set_arguments(const Command& command, const std::vector<std::string>& arguments, void* options) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool goes_on = !command.arguments.empty() && command.arguments.back().repeatable;
    if (i >= command.arguments.size() && !goes_on) {
      throw Error(ErrorKind::Usage, {.where = "redbud " + command.name,
                                     .fact = "one argument too many",
                                     .found = quote(arguments[i]),
                                     .hint = see_help(command)});
    }
    command.arguments[std::min(i, command.arguments.size() - 1)].set(options, arguments[i]);
  }
  for (size_t i = arguments.size(); i < command.arguments.size(); ++i) {
    if (!command.arguments[i].required) continue;
    throw Error(ErrorKind::Usage, {.where = "redbud " + command.name,
                                   .fact = "the argument " + command.arguments[i].name + " is missing",
                                   .expected = command.arguments[i].meaning,
                                   .hint = see_help(command)});
  }
}

void append_wrapped(std::string& out, const std::string& text, size_t indent) {
  size_t column = indent;
  for (const std::string& word : split(text, ' ')) {
    if (column > indent && column + 1 + word.size() > kHelpColumns) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  out += '\n';
}

void append_parameter(std::string& out, const Parameter& parameter) {
  std::string head = "  " + parameter.name;
  if (!parameter.value_name.empty() && parameter.value_name != parameter.name) head += " " + parameter.value_name;
  head += head.size() + 2 > kMeaningColumn ? "\n" + std::string(kMeaningColumn, ' ')
                                           : std::string(kMeaningColumn - head.size(), ' ');
  out += head;
  append_wrapped(out, parameter.meaning, kMeaningColumn);
}

}  // namespace

void parse_command_line(const Command& command, const std::vector<std::string>& words, void* options) {
  std::vector<Given> given;
  std::vector<std::string> arguments;
  Words rest(words);
  bool options_ended = false;
  while (!rest.is_end()) {
    const std::string& word = rest.take();
    if (options_ended || word.size() < 2 || word[0] != '-') {
      arguments.push_back(word);
    } else if (word == "--") {
      options_ended = true;
    } else {
      given.push_back(read_option(command, word, rest));
    }
  }
  set_options(given, options);
  set_arguments(command, arguments, options);
}

std::string help_text(const Command& command) {
  std::string out = command.summary + "\n\nUsage: redbud " + command.name;
  for (const Parameter& argument : command.arguments) {
    out += argument.required ? " " + argument.name : " [" + argument.name + "]";
    if (argument.repeatable) out += " [" + argument.name + " ...]";
  }
  out += " [options]\n\n";
  for (const Parameter& argument : command.arguments) append_parameter(out, argument);
  std::vector<std::string> groups;
  for (const Parameter& option : command.options) {
    bool known = false;
    for (const std::string& group : groups) known = known || group == option.group;
    if (!known) groups.push_back(option.group);
  }
  for (const std::string& group : groups) {
    out += (command.arguments.empty() && group == groups.front() ? "" : "\n") + group + "\n";
    for (const Parameter& option : command.options) {
      if (option.group == group) append_parameter(out, option);
    }
  }
  if (!command.example.empty()) out += "\nExample\n" + command.example;
  return out;
}

}  // namespace redbud::cli
