#include "redbud/cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "redbud/checkpoint/json.h"
#include "redbud/core/file.h"

namespace redbud::cli {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;

/// Writes all of it; gives 0 or the errno of what failed.
int write_to(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(descriptor, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return errno;
    text.remove_prefix(static_cast<size_t>(done));
  }
  return 0;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_dumb_terminal() {
  const char* term = std::getenv("TERM");
  return term == nullptr || std::string_view(term) == "dumb";
}

ConfigValue to_config(const Error& error) {
  ConfigValue fields;
  const ErrorText& text = error.text();
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) fields.set(key, value);
  };
  add("where", text.where);
  add("fact", text.fact);
  add("found", text.found);
  add("expected", text.expected);
  add("hint", text.hint);
  fields.set("exit_code", exit_code(error.kind()));
  ConfigValue object;
  object.set("error", std::move(fields));
  return object;
}

}  // namespace

Console::Console(bool json)
    : json_(json),
      terminal_(isatty(STDERR_FILENO) != 0 && !is_dumb_terminal()),
      color_(terminal_ && !is_set("NO_COLOR")) {}

int Console::terminal_columns() const {
  winsize size{};
  if (!terminal_ || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void Console::print(std::string_view text) {
  if (is_closed()) return;
  pending_ += text;
  if (pending_.size() >= kBufferBytes) flush();
}

void Console::print_record(const ConfigValue& record) { print(to_json(record) + '\n'); }

void Console::flush() {
  if (!is_closed()) failure_ = write_to(STDOUT_FILENO, pending_);
  pending_.clear();
}

void Console::finish() {
  flush();
  if (failure_ == 0 || failure_ == EPIPE) return;
  throw Error(ErrorKind::Environment,
              {.where = "stdout", .fact = "the results could not be written", .found = describe(IoStatus{failure_})});
}

void Console::note(std::string_view line) { write_raw(std::string(line) + '\n'); }

void Console::warn(std::string_view line) {
  if (json_) {
    ConfigValue object;
    object.set("warning", line);
    return note(to_json(object));
  }
  note((color_ ? "\033[33mredbud: warning:\033[0m " : "redbud: warning: ") + std::string(line));
}

void Console::fail(const Error& error) {
  if (json_) return note(to_json(to_config(error)));
  note((color_ ? "\033[31mredbud: error:\033[0m " : "redbud: error: ") + std::string(error.what()));
}

void Console::write_raw(std::string_view text) { static_cast<void>(write_to(STDERR_FILENO, text)); }

}  // namespace redbud::cli
