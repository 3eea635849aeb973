#pragma once
#include <string>
#include <string_view>

#include "redbud/core/config_value.h"
#include "redbud/core/error.h"

namespace redbud::cli {

/// Where a command speaks: results go to stdout, everything else to stderr. With `json`, results are one object a line
/// and errors and warnings are objects, too.
class Console {
 public:
  explicit Console(bool json);

  bool json() const { return json_; }
  /// Whether stderr is a terminal, and whether it may be coloured (NO_COLOR, TERM=dumb).
  bool is_terminal() const { return terminal_; }
  bool has_color() const { return color_; }
  int terminal_columns() const;

  /// Adds to the results; written when the buffer is full and by flush(). After a failed write nothing more is written.
  void print(std::string_view text);
  void print_record(const ConfigValue& record);
  /// Writes what was printed; a failure is remembered, not thrown.
  void flush();
  /// Whether nobody can read the results any more; a command that only prints may stop then.
  bool is_closed() const { return failure_ != 0; }
  /// Writes what is left. Quiet if the reader has gone away. Throws  Error{Environment} if stdout could not be written
  void finish();

  /// One line on stderr: a fact, a warning, an error. Nothing is thrown if stderr is gone.
  void note(std::string_view line);
  void warn(std::string_view line);
  void fail(const Error& error);
  /// Writes to stderr as it is; for the progress bar.
  void write_raw(std::string_view text);

 private:
  bool json_;
  bool terminal_;
  bool color_;
  std::string pending_;
  int failure_ = 0;  // errno of the first write to stdout that failed
};

}  // namespace redbud::cli
