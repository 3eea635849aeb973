#include "redbud/cli/run/result_text.h"

#include <fmt/format.h>

#include "redbud/cli/run/progress.h"
#include "redbud/core/text.h"

namespace redbud::cli {
namespace {

struct Column {
  const char* key;
  const char* title;
  bool is_share;  // shown in percent
};
constexpr Column kColumns[] = {
    {"loss", "loss", false},        {"accuracy", "accuracy", true}, {"balanced_accuracy", "balanced", true},
    {"f1_macro", "macro F1", true}, {"auc", "AUC", false},          {"subset_accuracy", "all right", true},
    {"rmse", "RMSE", false},        {"mae", "MAE", false},          {"r2", "R2", false},
};

double number_of(const ConfigValue& table, const char* key, double missing = 0.0) {
  const ConfigValue* value = table.find(key);
  return value != nullptr && value->is_number() ? value->as_number(key) : missing;
}

std::string text_of(const ConfigValue& table, const char* key) {
  const ConfigValue* value = table.find(key);
  return value != nullptr && value->is_text() ? value->as_text(key) : "";
}

std::string cell(const ConfigValue& metrics, const Column& column) {
  const ConfigValue* value = metrics.find(column.key);
  if (value == nullptr || !value->is_number()) return "-";
  const double number = value->as_number(column.key);
  return column.is_share ? fmt::format("{:.2f} %", 100 * number) : fmt::format("{:.6g}", number);
}

bool is_in(const ConfigValue& done, const char* part, const char* key) {
  const ConfigValue* metrics = done.find(part);
  return metrics != nullptr && metrics->find(key) != nullptr;
}

std::string why_it_ended(const std::string& reason) {
  if (reason == "epochs") return "all epochs done";
  if (reason == "patience") return "no better validation score for a while";
  if (reason == "time_limit") return "the time limit was reached";
  if (reason == "interrupted") return "stopped by a signal";
  if (reason == "diverged") return "a step was not finite";
  return reason;
}

}  // namespace

std::string result_text(const ConfigValue& done) {
  std::vector<const Column*> shown;
  for (const Column& column : kColumns) {
    if (is_in(done, "train", column.key) || is_in(done, "validation", column.key)) shown.push_back(&column);
  }
  std::string out = fmt::format("{:<12}{:>12}", "", "rows");
  for (const Column* column : shown) out += fmt::format("{:>12}", column->title);
  out += '\n';
  for (const char* part : {"train", "validation", "test"}) {
    const ConfigValue* metrics = done.find(part);
    if (metrics == nullptr || !metrics->is_table()) continue;
    out += fmt::format("{:<12}{:>12}", part, with_thousands(static_cast<int64_t>(number_of(*metrics, "rows"))));
    for (const Column* column : shown) out += fmt::format("{:>12}", cell(*metrics, *column));
    out += '\n';
  }
  out += fmt::format("best epoch {} of {}, {} ({})\n", static_cast<int64_t>(number_of(done, "best_epoch")),
                     static_cast<int64_t>(number_of(done, "epochs")), duration_text(number_of(done, "wall_s")),
                     why_it_ended(text_of(done, "stop_reason")));
  return out;
}

std::vector<std::string> next_steps(const ConfigValue& done, std::span<const ConfigValue> advice, const Path& run) {
  std::vector<std::string> lines;
  const std::string reason = text_of(done, "stop_reason");
  if (reason == "interrupted" || reason == "time_limit") {
    lines.push_back(fmt::format("redbud resume {}{}", run.string(), reason == "time_limit" ? " --time-limit-s 0" : ""));
    return lines;
  }
  lines.push_back(fmt::format("redbud predict {} NEW.csv > predictions.csv", run.string()));
  const auto epochs = static_cast<int64_t>(number_of(done, "epochs"));
  if (reason == "epochs" && static_cast<int64_t>(number_of(done, "best_epoch")) == epochs) {
    lines.push_back(fmt::format("the last epoch was the best: try --epochs {}", 2 * epochs));
  }
  if (!advice.empty()) {
    lines.push_back(fmt::format("redbud advise {}  ({}: {})", run.string(), text_of(advice[0], "illness"),
                                text_of(advice[0], "says")));
  }
  return lines;
}

}  // namespace redbud::cli
