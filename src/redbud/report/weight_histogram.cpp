#include "redbud/report/weight_histogram.h"

#include <algorithm>
#include <cmath>

namespace redbud {

double Histogram::deviation() const {
  if (values == 0) return 0.0;
  const auto n = static_cast<double>(values);
  return std::sqrt(std::max(0.0, square_sum / n - (sum / n) * (sum / n)));
}

double Histogram::edge(size_t i) const {
  if (i == counts.size()) return high;
  return low + (high - low) * static_cast<double>(i) / static_cast<double>(counts.size());
}

Histogram histogram_of(std::span<const float> values, size_t cells) {
  Histogram h;
  h.counts.resize(cells);
  for (const float v : values) {
    if (!std::isfinite(v)) {
      ++h.not_finite;
      continue;
    }
    const double x = v;
    h.low = h.values == 0 ? x : std::min(h.low, x);
    h.high = h.values == 0 ? x : std::max(h.high, x);
    h.sum += x;
    h.square_sum += x * x;
    ++h.values;
    if (v == 0.0F) ++h.zeros;
  }
  const double scale = h.high > h.low ? static_cast<double>(cells) / (h.high - h.low) : 0.0;
  for (const float v : values) {
    if (!std::isfinite(v)) continue;
    const auto cell = static_cast<size_t>((static_cast<double>(v) - h.low) * scale);
    ++h.counts[std::min(cell, cells - 1)];
  }
  return h;
}

std::vector<WeightHistogram> weight_histograms(const Model& model, size_t cells) {
  std::vector<WeightHistogram> all;
  const auto& segments = model.values.parameters().segments();
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].shape.rank() < 2) continue;
    all.push_back({segments[i].name, histogram_of(model.values.parameter(static_cast<int>(i)), cells)});
  }
  return all;
}

}  // namespace redbud
