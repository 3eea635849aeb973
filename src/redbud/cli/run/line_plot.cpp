#include "redbud/cli/run/line_plot.h"

#include <fmt/format.h>

#include <cmath>

namespace redbud::cli {
namespace {

constexpr int kLines = 7;

/// 0 for the lowest line; -1 where there is no mark.
long line_of(const LinePlot& plot, double value) {
  if (!std::isfinite(value)) return -1;
  return std::lround((value - plot.lowest) / (plot.highest - plot.lowest) * (kLines - 1));
}

}  // namespace

std::string to_text(const LinePlot& plot) {
  std::string out = plot.title + "\n";
  for (int line = kLines - 1; line >= 0; --line) {
    std::string marks;
    for (const double value : plot.values) marks += line_of(plot, value) == line ? '*' : ' ';
    marks.erase(marks.find_last_not_of(' ') + 1);
    std::string label;
    if (line == 0) label = fmt::format("{:.3g}", plot.lowest);
    if (line == kLines - 1) label = fmt::format("{:.3g}", plot.highest);
    out += fmt::format("{:>12} |{}\n", label, marks);
  }
  std::string axis(plot.values.size(), '-');
  if (plot.marked >= 0) axis[static_cast<size_t>(plot.marked)] = '^';
  return out + fmt::format("{:>12} +{}\n{:>13}{}{:>{}}\n", "", axis, "", plot.left, plot.right,
                           plot.values.size() + 1 - plot.left.size());
}

}  // namespace redbud::cli
