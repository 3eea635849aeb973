#pragma once
#include <cerrno>
#include <mutex>
#include <string>
#include <vector>

#include "redbud/core/file.h"

namespace redbud {

enum class FaultMode {
  None,
  Once,        // the operation fails, those after it work
  FromThenOn,  // it and all after it fail
  ShortWrite,  // a write of more than one byte writes half; another operation works
  PowerCut,    // the operation does not happen, PowerCut is thrown, and none after it happens
};

struct Fault {
  int64_t at = 0;  // number of the operation, from 1
  FaultMode mode = FaultMode::None;
  int error = EIO;
};

/// Thrown where the power is cut. On purpose no std::exception: nothing but the test may catch it.
struct PowerCut {};

/// Hands every operation on to another file system, counts them, and lets one fail. Reads are operations too.
class FaultFileSystem final : public FileSystem {
 public:
  explicit FaultFileSystem(FileSystem& inner, Fault fault = {}) : inner_(inner), fault_(fault) {}

  IoStatus open(const Path& path, OpenMode mode, std::unique_ptr<FileHandle>& file) override;
  IoStatus rename(const Path& from, const Path& to) override;
  IoStatus remove(const Path& path) override;
  IoStatus make_folder(const Path& path) override;
  IoStatus sync_folder(const Path& path) override;
  IoStatus info(const Path& path, FileInfo& info) override;
  IoStatus list(const Path& folder, std::vector<std::string>& names) override;
  IoStatus free_bytes(const Path& folder, int64_t& bytes) override;

  /// How many operations there were.
  int64_t count() const { return static_cast<int64_t>(log_.size()); }
  /// Whether the operation of the fault was reached.
  bool was_met() const { return fault_.at > 0 && count() >= fault_.at; }
  /// "write <path>", "sync <path>", "rename <path>", ... in order; "... failed" where it was made to.
  const std::vector<std::string>& log() const { return log_; }
  /// From now on nothing fails.
  void repair() { fault_ = {}; }

 private:
  class Handle;
  template <class Operation>
  IoStatus perform(const char* name, const Path& path, Operation operation);
  bool is_short(int64_t bytes) const;

  FileSystem& inner_;
  Fault fault_;
  std::vector<std::string> log_;
  std::recursive_mutex mutex_;  // a program may write from several threads
};

/// Whether the power was cut while f ran.
template <class F>
bool loses_power(F&& f) {
  try {
    f();
  } catch (const PowerCut&) {
    return true;
  }
  return false;
}

/// Calls scenario(fault) for a fault at operation 1, 2, 3, ... until it answers false: the operation was not reached.
/// Gives the number of operations that were reached.
template <class Scenario>
int64_t for_each_operation(FaultMode mode, int error, Scenario&& scenario) {
  int64_t at = 1;
  while (scenario(Fault{.at = at, .mode = mode, .error = error})) ++at;
  return at - 1;
}

}  // namespace redbud
