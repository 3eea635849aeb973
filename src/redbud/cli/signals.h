#pragma once
#include <atomic>

namespace redbud::cli {

/// What every command needs: a write to a closed pipe or beyond a size limit is an error code, not the end (SIGPIPE,
/// SIGXFSZ ignored); and descriptors 0 to 2 exist, so that no file of ours takes the place of a closed stdout.
void prepare_process();

/// While it lives, SIGINT, SIGTERM and SIGHUP ask the training to stop; a second SIGINT ends the process at once. A
/// signal that was ignored when the process started (nohup) stays so.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The signal that came, or 0.
  const std::atomic<int>& signal() const;
};

}  // namespace redbud::cli
