#pragma once
#include <string>
#include <vector>

namespace redbud::cli {

/// A curve of text: one value a column, the lowest on the lowest line, labelled at its left.
struct LinePlot {
  std::string title;
  std::vector<double> values;  // not finite: no mark
  double lowest = 0.0;         // of the axis
  double highest = 1.0;
  std::string left, right;  // below the axis, at its ends
  int marked = -1;          // a column that is marked on the axis
};
std::string to_text(const LinePlot& plot);

}  // namespace redbud::cli
