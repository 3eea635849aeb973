// How far numbers lie from the truth.
#include <algorithm>
#include <cmath>

#include "redbud/report/outcome_parts.h"

namespace redbud {
namespace {

constexpr int64_t kMostPoints = 400;  // of truth against prediction, a target
constexpr size_t kMostTargets = 6;

ConfigValue pair_of(double a, double b) { return ConfigValue::List{a, b}; }

class NumberOutcome final : public OutcomePart {
 public:
  NumberOutcome(const Recipe& recipe, WorstRows& worst)
      : names_(recipe.schema.target_names), mean_(recipe.target_mean), scale_(recipe.target_scale), worst_(worst) {
    residuals_.resize(std::min(names_.size(), kMostTargets));
    points_.resize(residuals_.size());
  }

  void expect(int64_t rows) override { every_ = std::max<int64_t>(1, (rows + kMostPoints - 1) / kMostPoints); }

  void add(const PredictedRows& rows) override {
    const size_t width = names_.size();
    for_each_row(rows, width, [&](int64_t row, auto outputs, auto truths) {
      double square = 0.0;
      for (size_t k = 0; k < width; ++k) {
        const double error = static_cast<double>(outputs[k]) - static_cast<double>(truths[k]);
        square += error * error;
        if (k < residuals_.size()) residuals_[k].push_back(static_cast<float>(scale_[k] * error));
      }
      if (row % every_ == 0) add_points(outputs, truths);
      const double loss = square / static_cast<double>(width);
      if (worst_.takes(loss)) worst_.add({.row = row, .loss = loss, .figures = in_units(truths, outputs)});
    });
  }

  void write(ConfigValue& record) const override {
    ConfigValue::List targets;
    for (size_t k = 0; k < residuals_.size(); ++k) {
      ConfigValue target;
      target.set("name", names_[k]);
      set_histogram(target, residuals_[k]);
      target.set("points", points_[k]);
      targets.push_back(std::move(target));
    }
    record.set("targets", std::move(targets));
    record.set("targets_left_out", static_cast<int64_t>(names_.size() - residuals_.size()));
  }

  void describe(const WorstRows::Entry& entry, ConfigValue& line) const override {
    ConfigValue::List truths;
    ConfigValue::List predictions;
    for (size_t k = 0; k < residuals_.size(); ++k) {
      truths.emplace_back(entry.figures[k]);
      predictions.emplace_back(entry.figures[names_.size() + k]);
    }
    line.set("truth", std::move(truths));
    line.set("prediction", std::move(predictions));
  }

 private:
  double in_unit(float standardised, size_t k) const {
    return static_cast<double>(static_cast<float>(mean_[k] + scale_[k] * static_cast<double>(standardised)));
  }
  std::vector<double> in_units(std::span<const float> truths, std::span<const float> outputs) const {
    std::vector<double> figures;
    for (size_t k = 0; k < truths.size(); ++k) figures.push_back(in_unit(truths[k], k));
    for (size_t k = 0; k < outputs.size(); ++k) figures.push_back(in_unit(outputs[k], k));
    return figures;
  }
  void add_points(std::span<const float> outputs, std::span<const float> truths) {
    for (size_t k = 0; k < points_.size(); ++k)
      points_[k].push_back(pair_of(in_unit(truths[k], k), in_unit(outputs[k], k)));
  }

  std::vector<std::string> names_;
  std::vector<double> mean_, scale_;
  WorstRows& worst_;
  int64_t every_ = 1;  // row of which a point is kept
  std::vector<std::vector<float>> residuals_;
  std::vector<ConfigValue::List> points_;
};

}  // namespace

std::unique_ptr<OutcomePart> make_number_outcome(const Recipe& recipe, WorstRows& worst) {
  return std::make_unique<NumberOutcome>(recipe, worst);
}

}  // namespace redbud
