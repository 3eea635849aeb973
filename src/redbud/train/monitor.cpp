#include "redbud/train/monitor.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "redbud/core/error.h"
#include "redbud/losses/registry.h"

namespace redbud {
namespace {

using Metric = std::optional<double> Metrics::*;

struct Row {
  Monitor monitor;
  std::string_view name;
  Metric metric;
  double sign;  // 1: smaller is better
  TargetKind targets;
};

// A metric of two tasks has a row for each.
constexpr std::array kRows = {
    Row{Monitor::Accuracy, "accuracy", &Metrics::accuracy, -1.0, TargetKind::Classes},
    Row{Monitor::BalancedAccuracy, "balanced_accuracy", &Metrics::balanced_accuracy, -1.0, TargetKind::Classes},
    Row{Monitor::F1Macro, "f1_macro", &Metrics::f1_macro, -1.0, TargetKind::Classes},
    Row{Monitor::Auc, "auc", &Metrics::auc, -1.0, TargetKind::Classes},
    Row{Monitor::Accuracy, "accuracy", &Metrics::accuracy, -1.0, TargetKind::Labels},
    Row{Monitor::SubsetAccuracy, "subset_accuracy", &Metrics::subset_accuracy, -1.0, TargetKind::Labels},
    Row{Monitor::F1Macro, "f1_macro", &Metrics::f1_macro, -1.0, TargetKind::Labels},
    Row{Monitor::Rmse, "rmse", &Metrics::rmse, 1.0, TargetKind::Numbers},
    Row{Monitor::Mae, "mae", &Metrics::mae, 1.0, TargetKind::Numbers},
    Row{Monitor::R2, "r2", &Metrics::r2, -1.0, TargetKind::Numbers},
};

const Row& row_of(Monitor monitor) {
  for (const Row& row : kRows) {
    if (row.monitor == monitor) return row;
  }
  RB_ASSERT(false && "a monitor without a row");
  return kRows[0];
}

}  // namespace

std::string_view to_string(Monitor monitor) { return monitor == Monitor::Loss ? "loss" : row_of(monitor).name; }

std::vector<std::string_view> monitor_names() {
  std::vector<std::string_view> names = {"loss"};
  for (const Row& row : kRows) {
    if (std::find(names.begin(), names.end(), row.name) == names.end()) names.push_back(row.name);
  }
  return names;
}

Monitor monitor_from_name(std::string_view name) {
  if (name == "loss") return Monitor::Loss;
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.name == name; });
  RB_ASSERT(row != kRows.end());
  return row->monitor;
}

double score_of(const Metrics& metrics, Monitor monitor) {
  if (monitor == Monitor::Loss) return metrics.loss;
  const Row& row = row_of(monitor);
  const std::optional<double>& value = metrics.*row.metric;
  return value ? row.sign * *value : std::numeric_limits<double>::quiet_NaN();
}

void require_metric(const Model& model, Monitor monitor) {
  if (monitor == Monitor::Loss) return;
  const TargetKind targets = loss_from_config(model.loss)->target_kind();
  const bool is_binary = model.graph.output_shape().elements() == 2;
  std::string known = "loss";
  for (const Row& row : kRows) {
    if (row.targets != targets || (row.monitor == Monitor::Auc && !is_binary)) continue;
    if (row.monitor == monitor) return;
    known += ", " + std::string(row.name);
  }
  throw Error(ErrorKind::Usage, {.where = "train.monitor",
                                 .fact = "the task has no such metric",
                                 .found = std::string(to_string(monitor)),
                                 .expected = known});
}

}  // namespace redbud
