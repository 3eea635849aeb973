#pragma once
#include <string>
#include <vector>

namespace redbud::page {

/// Rows by columns of values as tints of the accent, as a <figure> with an inline SVG and its scale.
struct HeatMap {
  std::string id = {};
  std::string title = {};
  std::string note = {};
  std::vector<std::string> rows = {};            // names
  std::vector<double> columns = {};              // epochs
  std::vector<std::vector<double>> values = {};  // [row][column]; NaN: none
  bool is_share = false;                         // 0 to 1, in percent; else by the logarithm of the value
};
std::string to_html(const HeatMap& map);

}  // namespace redbud::page
