#include "redbud/report/records.h"

namespace redbud {

ConfigValue epoch_record(const EpochReport& report) {
  ConfigValue record;
  record.set("event", "epoch");
  record.set("epoch", report.epoch);
  record.set("step", report.step);
  record.set("train_loss", report.train_loss);
  record.set("validation", to_config(report.validation));
  record.set("best", report.best);
  record.set("averaged", report.averaged);
  record.set("learning_rate", report.learning_rate);
  record.set("elapsed_s", report.elapsed_s);
  record.set("rows_per_s", report.samples_per_s);
  if (report.health.empty()) return record;
  ConfigValue::List health;
  for (const LayerHealth& layer : report.health) health.push_back(to_config(layer));
  record.set("health", std::move(health));
  return record;
}

ConfigValue diverged_record(const Error& error) {
  const ErrorText& text = error.text();
  ConfigValue record;
  record.set("event", "diverged");
  record.set("where", text.where);
  record.set("fact", text.fact);
  record.set("found", text.found);
  record.set("hint", text.hint);
  return record;
}

ConfigValue done_record(const TrainResult& result, const std::optional<Metrics>& test) {
  ConfigValue record;
  record.set("event", "done");
  record.set("stop_reason", to_string(result.stop_reason));
  record.set("best_epoch", result.best_epoch);
  record.set("epochs", result.epochs);
  record.set("wall_s", result.wall_s);
  const auto measured = [](const Metrics& metrics) { return metrics.rows > 0 ? to_config(metrics) : ConfigValue(); };
  record.set("train", measured(result.train));
  record.set("validation", measured(result.validation));
  record.set("test", test ? measured(*test) : ConfigValue());
  return record;
}

}  // namespace redbud
