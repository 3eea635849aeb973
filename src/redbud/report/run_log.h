#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/file.h"
#include "redbud/train/stopwatch.h"
#include "redbud/train/trainer.h"

namespace redbud {

/// Writes log.jsonl: a start record, one record an epoch, a done record. On resume the log is cut back to what the
/// checkpoint remembers. Records are written with the next checkpoint, and at the end of an epoch where `flush_every_s`
/// have passed: to sync a disk can take longer than an epoch. A write that fails is told to `warn`, once, and made up
/// for later.
class RunLog final : public Observer {
 public:
  RunLog(Path path, ConfigValue start, std::function<void(const std::string&)> warn, double flush_every_s = 1.0);

  void on_resume(const ResumeReport& report) override;
  void on_start(const Model& model, const TrainConfig& config, int64_t steps_per_epoch) override;
  void on_epoch(const EpochReport& report) override;
  /// {"event":"warning","text":...}
  void on_warning(const std::string& line) override;
  int64_t flush() override;

  /// A record between epochs and the end: an outcome. Null is left out.
  void note(const ConfigValue& record);
  /// The last record. Throws  Error{Environment} if the log can't be written
  void finish(const ConfigValue& done);

 private:
  void add(const ConfigValue& record);

  Path path_;
  ConfigValue start_;
  std::function<void(const std::string&)> warn_;
  int64_t keep_bytes_ = 0;
  bool resumed_ = false;
  bool warned_ = false;
  std::vector<ConfigValue> early_;  // warnings from before the log was open
  std::unique_ptr<AppendLog> log_;
  double flush_every_s_;
  Stopwatch since_flush_;
};

/// The done record of a log, or null where the log is missing or the run has not ended.
ConfigValue read_done_record(const Path& log);

}  // namespace redbud
