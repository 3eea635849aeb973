// Which labels are missed, and which are seen where they are not.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "redbud/report/outcome_parts.h"

namespace redbud {
namespace {

constexpr size_t kMostLabels = 40;  // in the table
constexpr size_t kMostNames = 12;   // of a row's labels

struct LabelCounts {
  int64_t ones = 0;
  int64_t predicted = 0;
  int64_t hits = 0;  // 1, and predicted so

  int64_t mistakes() const { return ones + predicted - 2 * hits; }
};

class LabelOutcome final : public OutcomePart {
 public:
  LabelOutcome(std::vector<std::string> labels, bool probabilities, WorstRows& worst)
      : labels_(std::move(labels)), probabilities_(probabilities), worst_(worst), counts_(labels_.size()) {}

  void add(const PredictedRows& rows) override {
    for_each_row(rows, labels_.size(), [&](int64_t row, auto outputs, auto truths) {
      double loss = 0.0;
      for (size_t k = 0; k < labels_.size(); ++k) {
        count(counts_[k], is_true(truths[k]), is_predicted(outputs[k]));
        loss += loss_of(outputs[k], is_true(truths[k]));
      }
      if (worst_.takes(loss)) worst_.add({.row = row, .loss = loss, .figures = figures_of(truths, outputs)});
    });
  }

  void write(ConfigValue& record) const override {
    ConfigValue::List labels;
    for (const size_t k : shown()) {
      ConfigValue label;
      label.set("name", labels_[k]);
      label.set("ones", counts_[k].ones);
      label.set("predicted", counts_[k].predicted);
      label.set("hits", counts_[k].hits);
      labels.push_back(std::move(label));
    }
    record.set("labels_left_out", static_cast<int64_t>(labels_.size() - labels.size()));
    record.set("labels", std::move(labels));
  }

  void describe(const WorstRows::Entry& entry, ConfigValue& line) const override {
    const size_t width = labels_.size();
    const auto truths = std::span(entry.figures).first(width);
    const auto outputs = std::span(entry.figures).subspan(width, width);
    size_t worst = 0;
    const auto loss_at = [&](size_t k) { return loss_of(static_cast<float>(outputs[k]), truths[k] > 0.5); };
    for (size_t k = 1; k < width; ++k) {
      if (loss_at(k) > loss_at(worst)) worst = k;
    }
    line.set("truth", names_where([&](size_t k) { return truths[k] > 0.5; }));
    line.set("prediction", names_where([&](size_t k) { return is_predicted(static_cast<float>(outputs[k])); }));
    line.set("label", labels_[worst]);
    if (probabilities_) line.set("p_truth", truths[worst] > 0.5 ? outputs[worst] : 1.0 - outputs[worst]);
  }

 private:
  static bool is_true(float truth) { return truth > 0.5F; }
  bool is_predicted(float output) const { return output > (probabilities_ ? 0.5F : 0.0F); }

  static void count(LabelCounts& counts, bool truth, bool predicted) {
    counts.ones += truth ? 1 : 0;
    counts.predicted += predicted ? 1 : 0;
    counts.hits += truth && predicted ? 1 : 0;
  }

  double loss_of(float output, bool truth) const {
    if (!probabilities_) return std::max(0.0, 1.0 + (truth ? -1.0 : 1.0) * static_cast<double>(output));
    constexpr double kLeast = 0x1p-25;  // half of what the greatest float below 1 lacks
    const double p = truth ? static_cast<double>(output) : 1.0 - static_cast<double>(output);
    return std::isnan(p) ? p : -std::log(std::max(p, kLeast));
  }

  static std::vector<double> figures_of(std::span<const float> truths, std::span<const float> outputs) {
    std::vector<double> figures(truths.begin(), truths.end());
    figures.insert(figures.end(), outputs.begin(), outputs.end());
    return figures;
  }

  /// The labels with the most mistakes, in their own order.
  std::vector<size_t> shown() const {
    std::vector<size_t> order(labels_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    if (order.size() <= kMostLabels) return order;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return counts_[a].mistakes() > counts_[b].mistakes(); });
    order.resize(kMostLabels);
    std::sort(order.begin(), order.end());
    return order;
  }

  template <class F>
  ConfigValue::List names_where(F&& is_so) const {
    ConfigValue::List names;
    size_t others = 0;
    for (size_t k = 0; k < labels_.size(); ++k) {
      if (!is_so(k)) continue;
      if (names.size() < kMostNames) {
        names.emplace_back(labels_[k]);
      } else {
        ++others;
      }
    }
    if (others > 0) names.emplace_back(std::to_string(others) + " more");
    return names;
  }

  std::vector<std::string> labels_;
  bool probabilities_;
  WorstRows& worst_;
  std::vector<LabelCounts> counts_;
};

}  // namespace

std::unique_ptr<OutcomePart> make_label_outcome(std::vector<std::string> labels, bool probabilities, WorstRows& worst) {
  return std::make_unique<LabelOutcome>(std::move(labels), probabilities, worst);
}

}  // namespace redbud
