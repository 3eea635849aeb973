#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/file.h"
#include "redbud/report/run_story.h"
#include "redbud/train/trainer.h"

namespace redbud {

/// Writes what TensorBoard reads to <folder>/events.out.tfevents.1.redbud: at each epoch's end losses, metrics,
/// learning rate, rows a second and a histogram of each weight; the settings once. On resume the file is cut back to
/// the checkpoint's step. A write that fails is told to `warn`, once, and made up for at the next epoch.
class EventLog final : public Observer {
 public:
  EventLog(Path folder, std::vector<Setting> settings, std::function<void(const std::string&)> warn);

  void on_resume(const ResumeReport& report) override { keep_epochs_ = report.epoch; }
  void on_start(const Model& model, const TrainConfig& config, int64_t steps_per_epoch) override;
  void on_epoch(const EpochReport& report) override;

  /// The last record: scores of the test rows, where there were any, and how the run ended.
  void finish(const TrainResult& result, const std::optional<Metrics>& test);

 private:
  void write();

  Path folder_;
  std::vector<Setting> settings_;
  std::function<void(const std::string&)> warn_;
  const Model* model_ = nullptr;  // the one that is trained, while it is
  int64_t keep_epochs_ = -1;      // -1: a new run
  bool warned_ = false;
  std::unique_ptr<AppendLog> log_;
};

}  // namespace redbud
