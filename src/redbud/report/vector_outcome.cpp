// How far directions lie from the truth.
#include <algorithm>
#include <cmath>

#include "redbud/report/outcome_parts.h"

namespace redbud {
namespace {

constexpr size_t kMostNumbers = 6;  // of a vector, that are shown

double length_of(std::span<const float> v) {
  double square = 0.0;
  for (const float x : v) square += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(square);
}

/// 1 - cos of the angle; 1 where one of them is zero, as the loss has it.
double distance(std::span<const float> a, std::span<const float> b) {
  double product = 0.0;
  for (size_t k = 0; k < a.size(); ++k) product += static_cast<double>(a[k]) * static_cast<double>(b[k]);
  const double lengths = length_of(a) * length_of(b);
  return lengths == 0.0 ? 1.0 : 1.0 - product / lengths;
}

class VectorOutcome final : public OutcomePart {
 public:
  VectorOutcome(std::vector<std::string> names, WorstRows& worst)
      : names_(std::move(names)), shown_(std::min(names_.size(), kMostNumbers)), worst_(worst) {}

  void expect(int64_t rows) override { distances_.reserve(static_cast<size_t>(rows)); }

  void add(const PredictedRows& rows) override {
    for_each_row(rows, names_.size(), [&](int64_t row, auto outputs, auto truths) {
      const double loss = distance(outputs, truths);
      distances_.push_back(static_cast<float>(loss));
      if (worst_.takes(loss)) worst_.add({.row = row, .loss = loss, .figures = directions(truths, outputs)});
    });
  }

  void write(ConfigValue& record) const override {
    ConfigValue distances;
    set_histogram(distances, distances_);
    record.set("distances", std::move(distances));
    ConfigValue::List names;
    for (size_t k = 0; k < shown_; ++k) names.emplace_back(names_[k]);
    record.set("directions", std::move(names));
    record.set("directions_left_out", static_cast<int64_t>(names_.size() - shown_));
  }

  void describe(const WorstRows::Entry& entry, ConfigValue& line) const override {
    const auto figures = std::span(entry.figures);
    const auto list = [](std::span<const double> numbers) { return ConfigValue::List(numbers.begin(), numbers.end()); };
    line.set("truth", list(figures.first(shown_)));
    line.set("prediction", list(figures.subspan(shown_, shown_)));
  }

 private:
  /// The first numbers of both, as if their lengths were 1.
  std::vector<double> directions(std::span<const float> truths, std::span<const float> outputs) const {
    std::vector<double> figures;
    for (const auto& v : {truths, outputs}) {
      const double length = length_of(v);
      for (size_t k = 0; k < shown_; ++k) figures.push_back(length == 0.0 ? 0.0 : static_cast<double>(v[k]) / length);
    }
    return figures;
  }

  std::vector<std::string> names_;
  size_t shown_;
  WorstRows& worst_;
  std::vector<float> distances_;
};

}  // namespace

std::unique_ptr<OutcomePart> make_vector_outcome(std::vector<std::string> names, WorstRows& worst) {
  return std::make_unique<VectorOutcome>(std::move(names), worst);
}

}  // namespace redbud
