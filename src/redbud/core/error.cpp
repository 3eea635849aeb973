#include "redbud/core/error.h"

#include <string_view>
#include <utility>

namespace redbud {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Usage:
      return 2;
    case ErrorKind::Data:
      return 3;
    case ErrorKind::Model:
      return 4;
    case ErrorKind::Diverged:
      return 5;
    case ErrorKind::Environment:
      return 6;
    case ErrorKind::Verification:
      return 7;
    case ErrorKind::Internal:
      break;
  }
  return 70;
}

std::string to_line(const ErrorText& text) {
  std::string line;
  if (!text.where.empty()) line += text.where + ": ";
  line += text.fact;
  if (!text.found.empty()) line += " (" + text.found + ")";
  if (!text.expected.empty()) line += ", expected " + text.expected;
  if (!text.hint.empty()) line += "; " + text.hint;
  for (char& c : line) {
    // An error is one line, and harmless to a terminal, whatever a file's name or cell holds.
    if (c == '\n' || c == '\r') c = ' ';
    if ((c >= 0 && c < ' ') || c == 0x7F) c = '?';
  }
  return line;
}

Error::Error(ErrorKind kind, ErrorText text) : std::runtime_error(to_line(text)), kind_(kind), text_(std::move(text)) {}

namespace detail {

void invariant_broken(const char* condition, const char* file, int line) {
  std::string_view name(file);
  if (const size_t at = name.rfind("src/redbud/"); at != std::string_view::npos) name.remove_prefix(at);
  throw Error(ErrorKind::Internal, {.where = std::string(name) + ":" + std::to_string(line),
                                    .fact = "a condition of our own does not hold",
                                    .found = condition,
                                    .hint = "please report this"});
}

}  // namespace detail
}  // namespace redbud
