#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "redbud/graph/model.h"

namespace redbud {

/// How often values lie in each of some cells of equal width between the least and the greatest, and their moments.
/// Values that are not finite are counted apart.
struct Histogram {
  double low = 0.0, high = 0.0;
  double sum = 0.0, square_sum = 0.0;
  int64_t values = 0;  // finite ones
  int64_t zeros = 0;   // exactly 0
  int64_t not_finite = 0;
  std::vector<int64_t> counts;

  double mean() const { return values == 0 ? 0.0 : sum / static_cast<double>(values); }
  double deviation() const;
  /// Where cell i begins; i = counts.size() gives the end of the last.
  double edge(size_t i) const;
};
Histogram histogram_of(std::span<const float> values, size_t cells);

/// The values of each weight: of the parameters, those with at least two extents.
struct WeightHistogram {
  std::string name;  // "hidden1.weight"
  Histogram histogram;
};
std::vector<WeightHistogram> weight_histograms(const Model& model, size_t cells);

}  // namespace redbud
