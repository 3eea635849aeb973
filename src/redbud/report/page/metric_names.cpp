#include "redbud/report/page/metric_names.h"

#include <algorithm>
#include <array>

#include "redbud/report/page/markup.h"

namespace redbud::page {
namespace {

const std::vector<MetricName>& known_metrics() {
  static const std::vector<MetricName> all = {
      {"loss", "loss", false, false},
      {"accuracy", "accuracy", true},
      {"balanced_accuracy", "balanced accuracy", true},
      {"f1_macro", "macro F1", true},
      {"auc", "AUC"},
      {"rmse", "RMSE", false, false},
      {"mae", "MAE", false, false},
      {"r2", "R\xC2\xB2"},
  };
  return all;
}

}  // namespace

std::vector<MetricName> metrics_in(const std::vector<const ConfigValue*>& tables) {
  const auto is_there = [&](const std::string& key) {
    return std::any_of(tables.begin(), tables.end(), [&](const ConfigValue* table) {
      const ConfigValue* value = table->find(key);
      return value != nullptr && value->is_number();
    });
  };
  std::vector<MetricName> list;
  for (const MetricName& metric : known_metrics()) {
    if (is_there(metric.key)) list.push_back(metric);
  }
  for (const ConfigValue* table : tables) {
    if (!table->is_table()) continue;
    for (const ConfigEntry& entry : table->as_table("metrics")) {
      const auto same = [&](const MetricName& metric) { return metric.key == entry.key; };
      if (entry.key == "rows" || !entry.value.is_number() || std::any_of(list.begin(), list.end(), same)) continue;
      list.push_back({entry.key, entry.key});
    }
  }
  return list;
}

std::string metric_text(const MetricName& metric, double value) {
  return metric.is_share ? percent_text(value) : number_text(value);
}

}  // namespace redbud::page
