#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/thread_pool.h"
#include "redbud/data/recipe.h"
#include "redbud/graph/model.h"

namespace redbud {

/// How good predictions are. Fields that don't apply to the task are absent.
struct Metrics {
  int64_t rows = 0;
  double loss = 0.0;
  std::optional<double> accuracy, balanced_accuracy, f1_macro, auc;  // auc: two classes; accuracy of labels: of all
  std::optional<double> subset_accuracy;        // labels: the share of rows in which all of them are right
  std::optional<double> rmse, mae, r2;          // in the target's own units; several targets: the mean over targets
  std::vector<std::vector<int64_t>> confusion;  // [true][predicted]
};

/// From class probabilities (rows, classes) and true classes.
Metrics classification_metrics(std::span<const float> probabilities, std::span<const int32_t> truth, int64_t classes);
/// From predictions and truths in the target's units, (rows, targets).
Metrics regression_metrics(std::span<const double> predictions, std::span<const double> truth, int64_t targets);

/// Runs the model over all rows of encoded data. Sample weights count in the loss alone.
/// Throws  Error{Data}: no rows, or rows that don't fit the network
Metrics evaluate(const Model& model, const SampleSource& data, ThreadPool& pool);

/// {"rows":...,"loss":...,"accuracy":...}, and "confusion" where it is wanted.
ConfigValue to_config(const Metrics& metrics, bool with_confusion = false);
/// The table that `evaluate` prints, confusion matrix included.
std::string to_text(const Metrics& metrics, const std::vector<std::string>& classes);

}  // namespace redbud
