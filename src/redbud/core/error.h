#pragma once
#include <stdexcept>
#include <string>

namespace redbud {

/// What went wrong, by what its user must do about it; each kind has an exit code of its own.
enum class ErrorKind { Usage, Data, Model, Diverged, Environment, Verification, Internal };

/// The exit code of the program for an error of this kind (docs: exit codes).
int exit_code(ErrorKind kind);

/// The parts of an error's one line; all but `fact` may be empty.
struct ErrorText {
  std::string where = {};     // file with line and column, tensor, layer, step
  std::string fact = {};      // what is so
  std::string found = {};     // the value that was met
  std::string expected = {};  // what would have been right
  std::string hint = {};      // what to do
};

/// Joins the parts: `<where>: <fact> (<found>), expected <expected>; <hint>`.
std::string to_line(const ErrorText& text);

/// What a user can cause. Thrown only while parsing, building, planning or between steps.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, ErrorText text);

  ErrorKind kind() const { return kind_; }
  const ErrorText& text() const { return text_; }

 private:
  ErrorKind kind_;
  ErrorText text_;
};

namespace detail {
[[noreturn]] void invariant_broken(const char* condition, const char* file, int line);
}

}  // namespace redbud

/// Checks an invariant of our own, in every build; what a user can cause throws Error instead.
#define RB_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::redbud::detail::invariant_broken(#condition, __FILE__, __LINE__))
