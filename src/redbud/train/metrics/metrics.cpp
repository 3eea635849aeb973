// classification_metrics, regression_metrics: from predictions in memory.
#include "redbud/train/metrics.h"

#include <algorithm>
#include <cmath>

#include "redbud/core/error.h"
#include "redbud/train/metrics/tally.h"

namespace redbud {

Metrics classification_metrics(std::span<const float> probabilities, std::span<const int32_t> truth, int64_t classes) {
  const auto width = static_cast<size_t>(classes);
  RB_ASSERT(probabilities.size() == truth.size() * width);
  Metrics m;
  m.rows = static_cast<int64_t>(truth.size());
  m.confusion.assign(width, std::vector<int64_t>(width));
  std::vector<RankedScore> ranked;
  double loss = 0.0;
  for (size_t n = 0; n < truth.size(); ++n) {
    const auto row = probabilities.subspan(n * width, width);
    const auto t = static_cast<size_t>(truth[n]);
    const auto predicted = static_cast<size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    ++m.confusion.at(t).at(predicted);
    loss -= std::log(static_cast<double>(row[t]));
    if (classes == 2) ranked.push_back({row[1], t == 1});
  }
  if (m.rows == 0) return m;
  m.loss = loss / static_cast<double>(m.rows);
  add_class_metrics(m);
  if (classes == 2) m.auc = auc_by_ranks(ranked);
  return m;
}

namespace {

/// Two sweeps, since these units may lie far from 0.
double mean_of(std::span<const double> values, size_t first, size_t stride) {
  double sum = 0.0;
  for (size_t i = first; i < values.size(); i += stride) sum += values[i];
  return sum / (static_cast<double>(values.size()) / static_cast<double>(stride));
}

}  // namespace

Metrics regression_metrics(std::span<const double> predictions, std::span<const double> truth, int64_t targets) {
  const auto width = static_cast<size_t>(targets);
  RB_ASSERT(predictions.size() == truth.size() && truth.size() % width == 0);
  Metrics m;
  m.rows = static_cast<int64_t>(truth.size() / width);
  if (m.rows == 0) return m;
  const auto n = static_cast<double>(m.rows);
  double rmse = 0.0;
  double mae = 0.0;
  double r2 = 0.0;
  for (size_t k = 0; k < width; ++k) {
    const double mean = mean_of(truth, k, width);
    double square = 0.0;
    double absolute = 0.0;
    double spread = 0.0;
    for (size_t i = k; i < truth.size(); i += width) {
      const double error = predictions[i] - truth[i];
      square += error * error;
      absolute += std::abs(error);
      spread += (truth[i] - mean) * (truth[i] - mean);
    }
    m.loss += square / n;
    rmse += std::sqrt(square / n);
    mae += absolute / n;
    r2 += spread > 0.0 ? 1.0 - square / spread : (square == 0.0 ? 1.0 : 0.0);
  }
  const auto count = static_cast<double>(targets);
  m.loss /= count;
  m.rmse = rmse / count;
  m.mae = mae / count;
  m.r2 = r2 / count;
  return m;
}

}  // namespace redbud
