// Where classes are taken for others.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "redbud/report/outcome_parts.h"

namespace redbud {
namespace {

constexpr size_t kMostClasses = 20;  // in the matrix

/// The classes of a matrix: those with the most mistakes, in their own order.
std::vector<size_t> shown_classes(const std::vector<int64_t>& mistakes) {
  std::vector<size_t> order(mistakes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (order.size() <= kMostClasses) return order;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return mistakes[a] > mistakes[b]; });
  order.resize(kMostClasses);
  std::sort(order.begin(), order.end());
  return order;
}

ConfigValue list_of(const std::vector<int64_t>& numbers) {
  ConfigValue::List list;
  for (const int64_t number : numbers) list.emplace_back(number);
  return list;
}

class ClassOutcome final : public OutcomePart {
 public:
  ClassOutcome(std::vector<std::string> classes, bool probabilities, WorstRows& worst)
      : classes_(std::move(classes)), probabilities_(probabilities), worst_(worst) {}

  void add(const PredictedRows& rows) override {
    const size_t width = classes_.size();
    for (int64_t n = 0; n < rows.rows; ++n) {
      const auto p = rows.outputs.subspan(static_cast<size_t>(n) * width, width);
      const auto truth = static_cast<size_t>(rows.classes[static_cast<size_t>(n)]);
      const auto predicted = static_cast<size_t>(std::max_element(p.begin(), p.end()) - p.begin());
      ++counts_[{truth, predicted}];
      const double loss = probabilities_ ? -std::log(static_cast<double>(p[truth]))
                                         : static_cast<double>(p[predicted]) - static_cast<double>(p[truth]);
      if (!worst_.takes(loss)) continue;
      worst_.add({.row = rows.first + n,
                  .loss = loss,
                  .figures = {static_cast<double>(truth), static_cast<double>(predicted),
                              static_cast<double>(p[predicted]), static_cast<double>(p[truth])}});
    }
  }

  void write(ConfigValue& record) const override {
    std::vector<int64_t> mistakes(classes_.size());
    for (const auto& [cell, count] : counts_) {
      if (cell.first == cell.second) continue;
      mistakes[cell.first] += count;
      mistakes[cell.second] += count;
    }
    const std::vector<size_t> shown = shown_classes(mistakes);
    const size_t left_out = classes_.size() - shown.size();
    const size_t width = shown.size() + (left_out > 0 ? 1 : 0);
    std::vector<size_t> column(classes_.size(), shown.size());
    ConfigValue::List names;
    for (size_t i = 0; i < shown.size(); ++i) {
      column[shown[i]] = i;
      names.emplace_back(classes_[shown[i]]);
    }
    std::vector<std::vector<int64_t>> matrix(width, std::vector<int64_t>(width));
    for (const auto& [cell, count] : counts_) matrix[column[cell.first]][column[cell.second]] += count;
    ConfigValue::List lines;
    for (const std::vector<int64_t>& line : matrix) lines.push_back(list_of(line));
    record.set("classes", std::move(names));
    record.set("classes_left_out", static_cast<int64_t>(left_out));
    record.set("confusion", std::move(lines));
  }

  void describe(const WorstRows::Entry& entry, ConfigValue& line) const override {
    line.set("truth", classes_[static_cast<size_t>(entry.figures[0])]);
    line.set("prediction", classes_[static_cast<size_t>(entry.figures[1])]);
    if (!probabilities_) return;
    line.set("p", entry.figures[2]);
    line.set("p_truth", entry.figures[3]);
  }

 private:
  std::vector<std::string> classes_;
  bool probabilities_;
  WorstRows& worst_;
  std::map<std::pair<size_t, size_t>, int64_t> counts_;  // (true, predicted); of a thousand classes few pairs occur
};

}  // namespace

std::unique_ptr<OutcomePart> make_class_outcome(std::vector<std::string> classes, bool probabilities,
                                                WorstRows& worst) {
  return std::make_unique<ClassOutcome>(std::move(classes), probabilities, worst);
}

}  // namespace redbud
