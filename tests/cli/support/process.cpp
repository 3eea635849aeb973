#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "redbud/core/text.h"

namespace redbud {
namespace {

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  return ends;
}

/// The program's end is the second, as of a pipe.
std::array<int, 2> make_terminal(int columns) {
  std::array<int, 2> ends{};
  winsize size{};
  size.ws_row = 24;
  size.ws_col = static_cast<unsigned short>(columns);
  if (openpty(&ends[0], &ends[1], nullptr, nullptr, &size) != 0) throw std::runtime_error("no terminal");
  for (int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return ends;
}

/// In the child: never returns.
[[noreturn]] void become(const ProcessSetup& setup, const std::vector<std::string>& words, int out, int err) {
  setpgid(0, 0);
  if (!setup.folder.empty() && chdir(setup.folder.c_str()) != 0) _exit(126);
  for (const auto& [name, value] : setup.environment) setenv(name.c_str(), value.c_str(), 1);
  if (!setup.out.empty()) out = open(setup.out.c_str(), O_WRONLY | O_CREAT, 0644);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (setup.close_out) close(STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

/// Reads what is there; false at the end of the stream.
bool read_some(int& descriptor, std::string& text) {
  std::array<char, 4096> part;
  const ssize_t done = read(descriptor, part.data(), part.size());
  if (done > 0) {
    text.append(part.data(), static_cast<size_t>(done));
    return true;
  }
  if (done < 0 && errno == EINTR) return true;
  close(descriptor);
  descriptor = -1;
  return false;
}

}  // namespace

std::vector<std::string> Outcome::error_lines() const {
  std::vector<std::string> lines = split(err, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

Process::Process(const std::vector<std::string>& words, ProcessSetup setup)
    : setup_(std::move(setup)), started_(Clock::now()) {
  std::vector<std::string> all = setup_.before;
  all.emplace_back(REDBUD_PROGRAM);
  all.insert(all.end(), words.begin(), words.end());
  const auto out = make_pipe();
  const auto err = setup_.terminal_columns > 0 ? make_terminal(setup_.terminal_columns) : make_pipe();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) become(setup_, all, out[1], err[1]);
  setpgid(pid_, pid_);
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

Process::~Process() {
  if (!reaped_) {
    kill(-pid_, SIGKILL);
    waitpid(pid_, &status_, 0);
  }
  if (out_ >= 0) close(out_);
  if (err_ >= 0) close(err_);
}

void Process::send(int signal) const { kill(setup_.before.empty() ? pid_ : -pid_, signal); }

double Process::elapsed_s() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

void Process::check_timeout() const {
  if (elapsed_s() <= setup_.timeout_s) return;
  throw std::runtime_error("redbud ran longer than " + std::to_string(setup_.timeout_s) +
                           " s; stderr: " + outcome_.err);
}

bool Process::gather(int timeout_ms) {
  check_timeout();
  std::array<pollfd, 2> wanted = {pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
  if (out_ < 0 && err_ < 0) return false;
  if (poll(wanted.data(), wanted.size(), timeout_ms) <= 0) return true;
  if (out_ >= 0 && wanted[0].revents != 0) read_some(out_, outcome_.out);
  if (err_ >= 0 && wanted[1].revents != 0) read_some(err_, outcome_.err);
  return true;
}

bool Process::wait_for_error_text(const std::string& text) {
  while (outcome_.err.find(text) == std::string::npos) {
    if (!gather(50)) return false;
  }
  return true;
}

void Process::gather_for(double seconds) {
  const double until = elapsed_s() + seconds;
  while (elapsed_s() < until) {
    const double left_ms = (until - elapsed_s()) * 1000;
    if (!gather(std::max(0, static_cast<int>(left_ms)))) return;
  }
}

bool Process::has_ended() {
  if (!reaped_) {
    rusage usage{};
    reaped_ = wait4(pid_, &status_, WNOHANG, &usage) == pid_;
    if (reaped_) outcome_.peak_bytes = static_cast<int64_t>(usage.ru_maxrss) * 1024;
  }
  return reaped_;
}

void Process::close_out() {
  close(out_);
  out_ = -1;
}

Outcome Process::finish() {
  while (gather(50)) {
  }
  while (!has_ended()) {
    check_timeout();
    usleep(1000);
  }
  outcome_.seconds = elapsed_s();
  if (WIFEXITED(status_)) outcome_.exit_code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_)) outcome_.signal = WTERMSIG(status_);
  return outcome_;
}

Outcome run_redbud(const std::vector<std::string>& words, const ProcessSetup& setup) {
  return Process(words, setup).finish();
}

}  // namespace redbud
