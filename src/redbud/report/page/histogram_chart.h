#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace redbud::page {

/// Bars of equal width from `low` to `high`, as a <figure> with an inline SVG.
struct HistogramChart {
  std::string id = {};
  std::string title = {};
  std::string note = {};
  std::string x_label = {};
  double low = 0.0, high = 1.0;
  double width = 440.0, height = 190.0;  // in the units of its text
  std::vector<int64_t> counts = {};
};
std::string to_html(const HistogramChart& chart);

/// Points of truth against prediction, with the line on which they should lie.
struct ScatterChart {
  std::string id = {};
  std::string title = {};
  std::string note = {};
  std::vector<double> truths = {}, predictions = {};
};
std::string to_html(const ScatterChart& chart);

}  // namespace redbud::page
