#include "redbud/cli/program.h"

#include <unistd.h>

#include <algorithm>
#include <new>
#include <string_view>
#include <system_error>

#include "redbud/cli/command_line.h"
#include "redbud/cli/commands/commands.h"
#include "redbud/cli/config/reference.h"
#include "redbud/cli/console.h"
#include "redbud/cli/signals.h"
#include "redbud/cli/spare_memory.h"
#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/memory_limit.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

std::string& version_text() {
  static std::string text;
  return text;
}

std::vector<Command> all_commands() {
  std::vector<Command> commands = {train_command(),   resume_command(), evaluate_command(), predict_command(),
                                   inspect_command(), plan_command(),   check_command(),    find_lr_command(),
                                   report_command(),  advise_command()};
  for (Command& command : bench_commands()) commands.push_back(std::move(command));
  return commands;
}

std::string overview(const std::vector<Command>& commands) {
  std::string out =
      "redbud trains deep networks on tables and pictures, and predicts with them.\n\nUsage: redbud COMMAND ...\n\n";
  for (const Command& command : commands) {
    out +=
        "  " + command.name + std::string(16 - std::min<size_t>(15, command.name.size()), ' ') + command.summary + "\n";
  }
  out +=
      "\n  help COMMAND    the same as COMMAND --help\n"
      "  help --run-file the keys of a run file\n"
      "  --version       the program's version\n"
      "\nExample\n"
      "  redbud train adult.csv --target income --test 0.2 --out runs/adult\n"
      "  redbud predict runs/adult new.csv > predictions.csv\n";
  return out;
}

/// The command that the words begin with; takes its words away.
const Command& find_command(const std::vector<Command>& commands, std::vector<std::string>& words) {
  for (const Command& command : commands) {
    const std::vector<std::string> name = split(command.name, ' ');
    if (name.size() > words.size() || !std::equal(name.begin(), name.end(), words.begin())) continue;
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(name.size()));
    return command;
  }
  const bool is_group = std::any_of(commands.begin(), commands.end(),
                                    [&](const Command& command) { return command.name.starts_with(words[0] + " "); });
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (!is_group) names.push_back(split(command.name, ' ').front());
    if (is_group && command.name.starts_with(words[0] + " ")) names.push_back(command.name.substr(words[0].size() + 1));
  }
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const std::string word = is_group ? (words.size() > 1 ? words[1] : "") : words[0];
  std::string expected;
  for (const std::string& name : names) expected += (expected.empty() ? "" : ", ") + name;
  throw Error(ErrorKind::Usage, {.where = is_group ? "redbud " + words[0] : "redbud",
                                 .fact = word.empty() ? "says not what to do" : "unknown command " + quote(word),
                                 .expected = "one of " + expected,
                                 .hint = did_you_mean(word, names)});
}

bool has_word(const std::vector<std::string>& words, std::string_view word) {
  for (const std::string& w : words) {
    if (w == "--") return false;
    if (w == word) return true;
  }
  return false;
}

bool asks_for_help(const std::vector<std::string>& words) { return has_word(words, "--help") || has_word(words, "-h"); }

int help(std::vector<std::string> words, const std::vector<Command>& commands, Console& console) {
  if (has_word(words, "--run-file")) {
    console.print(run_file_reference());
  } else if (words.empty()) {
    console.print(overview(commands));
  } else {
    console.print(help_text(find_command(commands, words)));
  }
  return kExitOk;
}

int dispatch(std::vector<std::string> words, Console& console) {
  if (!words.empty() && (words[0] == "--version" || words[0] == "version")) {
    console.print("redbud " + program_version() + "\n");
    return kExitOk;
  }
  const std::vector<Command> commands = all_commands();
  if (words.empty()) {
    throw Error(ErrorKind::Usage, {.where = "redbud", .fact = "no command is given", .hint = "see `redbud --help`"});
  }
  if (words[0] == "help") return help({words.begin() + 1, words.end()}, commands, console);
  if (words[0] == "--help" || words[0] == "-h") return help({}, commands, console);
  if (words.size() == 2 && asks_for_help(words) && words[0] == "bench") {
    for (const Command& command : commands) {
      if (command.name.starts_with("bench ")) console.print(help_text(command) + "\n");
    }
    return kExitOk;
  }
  const Command& command = find_command(commands, words);
  if (asks_for_help(words)) {
    console.print(help_text(command));
    return kExitOk;
  }
  const std::shared_ptr<void> options = command.make_options();
  parse_command_line(command, words, options.get());
  return command.run(options.get(), console);
}

int fail(Console& console, const Error& error) {
  console.fail(error);  // results that are not written yet are dropped: half a table would mislead
  return exit_code(error.kind());
}

/// Every failure becomes one line, unless there is no memory even for that.
int run_words(const std::vector<std::string>& words) {
  Console console(has_word(words, "--json"));
  try {
    const int code = dispatch(words, console);
    console.finish();
    return code;
  } catch (const Error& error) {
    return fail(console, error);
  } catch (const std::bad_alloc&) {
    return fail(console, Error(ErrorKind::Environment, {.fact = "the memory ran out",
                                                        .found = describe_memory_limit(),
                                                        .hint = "try a smaller --batch-size, or fewer rows"}));
  } catch (const std::system_error& error) {
    return fail(console, Error(ErrorKind::Environment, {.fact = "the system refused", .found = error.what()}));
  } catch (const std::exception& error) {
    return fail(console,
                Error(ErrorKind::Internal,
                      {.fact = "an error that nobody foresaw", .found = error.what(), .hint = "please report this"}));
  }
}

int fail_without_memory() {
  constexpr std::string_view kLine = "redbud: error: the memory ran out\n";
  static_cast<void>(!::write(STDERR_FILENO, kLine.data(), kLine.size()));
  return exit_code(ErrorKind::Environment);
}

}  // namespace

const std::string& program_version() { return version_text(); }

int run_program(std::span<const char* const> words, const std::string& version) {
  try {
    if (!keep_spare_memory()) throw std::bad_alloc();
    version_text() = version;
    prepare_process();
    return run_words({words.begin(), words.end()});
  } catch (const std::bad_alloc&) {
    return fail_without_memory();
  }
}

}  // namespace redbud::cli
