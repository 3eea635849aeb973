// How far directions lie from the truth.
#include <algorithm>
#include <cmath>

#include "redbud/report/outcome_parts.h"
#include "redbud/report/weight_histogram.h"

namespace redbud {
namespace {

constexpr size_t kMostNumbers = 6;  // of a vector, that are shown
constexpr size_t kCells = 40;

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
    const size_t width = names_.size();
    for (int64_t n = 0; n < rows.rows; ++n) {
      const auto outputs = rows.outputs.subspan(static_cast<size_t>(n) * width, width);
      const auto truths = rows.numbers.subspan(static_cast<size_t>(n) * width, width);
      const double loss = distance(outputs, truths);
      distances_.push_back(static_cast<float>(loss));
      if (worst_.takes(loss)) worst_.add({.row = rows.first + n, .loss = loss, .figures = directions(truths, outputs)});
    }
  }

  void write(ConfigValue& record) const override {
    const Histogram h = histogram_of(distances_, kCells);
    ConfigValue::List counts;
    for (const int64_t count : h.counts) counts.emplace_back(count);
    ConfigValue distances;
    distances.set("low", h.low);
    distances.set("high", h.high);
    distances.set("counts", std::move(counts));
    distances.set("mean", h.mean());
    distances.set("deviation", h.deviation());
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
