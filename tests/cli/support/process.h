#pragma once
#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "redbud/core/file.h"

namespace redbud {

/// How a program ended, and what it said.
struct Outcome {
  int exit_code = -1;  // -1: a signal ended it
  int signal = 0;
  std::string out = {};
  std::string err = {};
  double seconds = 0.0;
  int64_t peak_bytes = 0;  // the most memory that was resident

  /// The lines of stderr, without the last empty one.
  std::vector<std::string> error_lines() const;
};

struct ProcessSetup {
  std::vector<std::string> before = {};  // words before the program's own: {"strace", "-f", ...}
  std::vector<std::pair<std::string, std::string>> environment = {};
  Path folder = {};  // the current folder
  Path out = {};     // where stdout goes instead of into Outcome::out
  bool close_out = false;
  int terminal_columns = 0;  // above 0: stderr is a terminal of this width
  double timeout_s = 300.0;
};

/// The redbud program, running, with its output gathered. Killed if it outlives its timeout or this object.
class Process {
 public:
  explicit Process(const std::vector<std::string>& words, ProcessSetup setup = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  /// To the program alone, or, where words stand before it, to the whole group.
  void send(int signal) const;
  /// Gathers output until stderr holds `text`; false if the program ended before.
  bool wait_for_error_text(const std::string& text);
  /// Gathers output for so long, or until the program ends.
  void gather_for(double seconds);
  bool has_ended();
  /// Closes our end of stdout, as a reader that goes away does.
  void close_out();
  Outcome finish();

 private:
  using Clock = std::chrono::steady_clock;

  bool gather(int timeout_ms);  // false at the end of both streams
  double elapsed_s() const;
  void check_timeout() const;

  ProcessSetup setup_;
  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  Outcome outcome_;
  Clock::time_point started_;
};

/// Runs it to its end.
Outcome run_redbud(const std::vector<std::string>& words, const ProcessSetup& setup = {});

}  // namespace redbud
