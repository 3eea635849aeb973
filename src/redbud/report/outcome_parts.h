#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/data/recipe.h"
#include "redbud/report/predictions.h"

namespace redbud {

/// The rows with the highest loss; of equal ones the first.
class WorstRows {
 public:
  struct Entry {
    int64_t row = 0;
    double loss = 0.0;
    std::vector<double> figures = {};  // what the part needs to describe the row
  };

  explicit WorstRows(size_t most = 20) : most_(most) {}
  /// Whether a row with this loss would be kept, so that no figures are gathered in vain.
  bool takes(double loss) const;
  void add(Entry entry);
  /// Worst first.
  std::vector<Entry> sorted() const;

 private:
  size_t most_;
  std::vector<Entry> entries_;  // a heap, the least bad on top
};

/// Calls body(row, outputs, truths) for rows of numbers, `width` of each.
template <class Body>
void for_each_row(const PredictedRows& rows, size_t width, const Body& body) {
  for (int64_t n = 0; n < rows.rows; ++n) {
    const size_t begin = static_cast<size_t>(n) * width;
    body(rows.first + n, rows.outputs.subspan(begin, width), rows.numbers.subspan(begin, width));
  }
}

/// "low", "high", "counts", "mean", "deviation" of the values.
void set_histogram(ConfigValue& record, std::span<const float> values);

/// What is gathered of predictions of one kind.
class OutcomePart {
 public:
  virtual ~OutcomePart() = default;
  /// How many rows will come.
  virtual void expect(int64_t /*rows*/) {}
  virtual void add(const PredictedRows& rows) = 0;
  /// Sets the fields of its kind.
  virtual void write(ConfigValue& record) const = 0;
  virtual void describe(const WorstRows::Entry& entry, ConfigValue& line) const = 0;
};

/// `probabilities`: the outputs are that; else scores, of which the greatest is the prediction.
std::unique_ptr<OutcomePart> make_class_outcome(std::vector<std::string> classes, bool probabilities, WorstRows& worst);
/// `probabilities`: as above; else margins, above 0 where the label is predicted.
std::unique_ptr<OutcomePart> make_label_outcome(std::vector<std::string> labels, bool probabilities, WorstRows& worst);
std::unique_ptr<OutcomePart> make_number_outcome(const Recipe& recipe, WorstRows& worst);
std::unique_ptr<OutcomePart> make_vector_outcome(std::vector<std::string> names, WorstRows& worst);

}  // namespace redbud
