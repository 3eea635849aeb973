#include "redbud/train/metrics/tally.h"

namespace redbud {

void add_class_metrics(Metrics& m) {
  const size_t classes = m.confusion.size();
  double correct = 0.0;
  double total = 0.0;
  double recalls = 0.0;
  double occurring = 0.0;
  double f1 = 0.0;
  double met = 0.0;  // classes that occur or were predicted
  for (size_t c = 0; c < classes; ++c) {
    double truths = 0.0;
    double predictions = 0.0;
    for (size_t other = 0; other < classes; ++other) {
      truths += static_cast<double>(m.confusion[c][other]);
      predictions += static_cast<double>(m.confusion[other][c]);
    }
    const auto hits = static_cast<double>(m.confusion[c][c]);
    correct += hits;
    total += truths;
    if (truths > 0.0) {
      recalls += hits / truths;
      ++occurring;
    }
    if (truths + predictions > 0.0) {
      f1 += 2.0 * hits / (truths + predictions);
      ++met;
    }
  }
  if (total == 0.0) return;
  m.accuracy = correct / total;
  m.balanced_accuracy = recalls / occurring;
  m.f1_macro = f1 / met;
}

}  // namespace redbud
