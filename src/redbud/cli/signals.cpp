#include "redbud/cli/signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace redbud::cli {
namespace {

std::atomic<int> stop_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free);

constexpr std::array kStopSignals = {SIGINT, SIGTERM, SIGHUP};

void on_stop(int signal) {
  if (signal == SIGINT && stop_signal.load() == SIGINT) _exit(128 + SIGINT);
  stop_signal.store(signal);
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void prepare_process() {
  set_handler(SIGPIPE, SIG_IGN);
  set_handler(SIGXFSZ, SIG_IGN);
  for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) != -1) continue;
    // The reading end of a pipe that nobody writes to: reading gives the end of the file, writing fails.
    std::array<int, 2> pipe_ends{};
    if (pipe(pipe_ends.data()) != 0) continue;
    if (pipe_ends[0] != descriptor) {
      dup2(pipe_ends[0], descriptor);
      close(pipe_ends[0]);
    }
    if (pipe_ends[1] != descriptor) close(pipe_ends[1]);
  }
}

StopSignals::StopSignals() {
  stop_signal.store(0);
  for (int signal : kStopSignals) {
    if (!is_ignored(signal)) set_handler(signal, on_stop);
  }
}

StopSignals::~StopSignals() {
  for (int signal : kStopSignals) {
    if (!is_ignored(signal)) set_handler(signal, SIG_DFL);
  }
}

const std::atomic<int>& StopSignals::signal() const { return stop_signal; }

}  // namespace redbud::cli
