#include "redbud/report/tensorboard/event_log.h"

#include <chrono>

#include "redbud/report/tensorboard/event_file.h"
#include "redbud/report/weight_histogram.h"

namespace redbud {
namespace {

using tensorboard::EventBuilder;

constexpr size_t kCells = 40;  // of a histogram of weights
constexpr const char* kName = "events.out.tfevents.1.redbud";

/// Seconds since 1970, which TensorBoard shows as date and time.
double wall_time_s() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void add_metrics(EventBuilder& event, const std::string& part, const Metrics& metrics) {
  const ConfigValue table = to_config(metrics);
  for (const ConfigEntry& entry : table.as_table("metrics")) {
    if (entry.key != "rows" && entry.value.is_number())
      event.add({part + "/" + entry.key, entry.value.as_number(entry.key)});
  }
}

/// How much of the file belongs to the run that goes on at `step`.
int64_t bytes_to_keep(const Path& file, int64_t step) {
  FileInfo info;
  if (step < 0 || !file_system().info(file, info).ok() || info.type != FileType::Regular) return 0;
  return tensorboard::bytes_up_to(read_file(file, {.kind = ErrorKind::Environment}), step);
}

}  // namespace

EventLog::EventLog(Path folder, std::vector<Setting> settings, std::function<void(const std::string&)> warn)
    : folder_(std::move(folder)), settings_(std::move(settings)), warn_(std::move(warn)) {}

void EventLog::on_start(const Model& model, const TrainConfig&, int64_t steps_per_epoch) {
  model_ = &model;
  make_folders(folder_);
  const Path file = folder_ / kName;
  // Not by the checkpoint's step: an epoch whose last step was made may still have to be judged.
  const int64_t keep_step = keep_epochs_ < 0 ? -1 : keep_epochs_ * steps_per_epoch;
  log_ = std::make_unique<AppendLog>(file, bytes_to_keep(file, keep_step), AppendLog::Of::Bytes);
  if (log_->bytes() > 0) return;
  log_->add(tensorboard::version_record(wall_time_s()));
  log_->add(EventBuilder(wall_time_s(), 0).add_session_start(settings_).record());
}

void EventLog::on_epoch(const EpochReport& report) {
  EventBuilder event(wall_time_s(), report.step);
  event.add({"train/loss", report.train_loss});
  add_metrics(event, "validation", report.validation);
  event.add({"learning_rate", report.learning_rate}).add({"rows_per_s", report.samples_per_s});
  for (const WeightHistogram& weight : weight_histograms(*model_, kCells))
    event.add("weights/" + weight.name, weight.histogram);
  log_->add(event.record());
  write();
}

void EventLog::finish(const TrainResult& result, const std::optional<Metrics>& test) {
  model_ = nullptr;
  EventBuilder event(wall_time_s(), result.steps);
  if (test) add_metrics(event, "test", *test);
  log_->add(event.add_session_end(result.stop_reason != StopReason::Diverged).record());
  write();
}

void EventLog::write() {
  const IoStatus status = log_->flush();
  if (!status.ok() && !warned_)
    warn_((folder_ / kName).string() + ": can't be written (" + describe(status) +
          "); its records are kept until it can");
  warned_ = !status.ok();
}

}  // namespace redbud
