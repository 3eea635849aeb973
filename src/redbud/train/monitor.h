#pragma once
#include <string_view>
#include <vector>

#include "redbud/graph/model.h"
#include "redbud/train/metrics.h"

namespace redbud {

/// What of the validation rows decides which epoch is the best, when patience begins anew and when a plateau is one.
enum class Monitor { Loss, Accuracy, BalancedAccuracy, F1Macro, SubsetAccuracy, Auc, Rmse, Mae, R2 };

/// As logs and run files name it: "loss", "balanced_accuracy".
std::string_view to_string(Monitor monitor);

/// All of them.
std::vector<std::string_view> monitor_names();
/// `name` is one of them.
Monitor monitor_from_name(std::string_view name);

/// Smaller is better: shares and r2 count negatively. NaN where the metric is absent.
double score_of(const Metrics& metrics, Monitor monitor);

/// Throws  Error{Usage} naming the metrics there are: the model's task has no such metric
void require_metric(const Model& model, Monitor monitor);

}  // namespace redbud
