#pragma once
#include <string>
#include <vector>

#include "redbud/core/config_value.h"

namespace redbud::page {

/// How a figure of merit is called and shown.
struct MetricName {
  std::string key;
  std::string title;
  bool is_share = false;  // shown in percent
  bool more_is_better = true;

  /// "accuracy, %" and 0.01, "RMSE" and 1.
  std::string axis_label() const { return is_share ? title + ", %" : title; }
  double unit() const { return is_share ? 0.01 : 1.0; }
};

/// The figures of merit that stand in any of these tables of metrics: those that are known first, in their usual order.
std::vector<MetricName> metrics_in(const std::vector<const ConfigValue*>& tables);

/// "98.12 %", "0.0312".
std::string metric_text(const MetricName& metric, double value);

}  // namespace redbud::page
