#pragma once
#include <optional>
#include <string>
#include <vector>

namespace redbud::page {

struct Point {
  double x = 0.0;
  double y = 0.0;  // not finite: a gap
};

/// A line of a chart. `css_class` gives its colour: "main" (the accent), "other" (grey), "c0" to "c17".
struct Series {
  std::string name = {};
  std::string css_class = "main";
  std::vector<Point> points = {};
};

/// Lines over epochs, as a <figure> with an inline SVG.
struct LineChart {
  std::string id = {};
  std::string title = {};
  std::string y_label = {};
  std::vector<Series> series = {};
  std::optional<double> mark_x = {};  // a vertical line: the best epoch
  std::string x_label = "epoch";
  bool names_at_ends = true;  // else the page has a legend
};
std::string to_html(const LineChart& chart);

/// At most `most` points that look the same drawn: of each stretch the lowest and the highest one are kept.
std::vector<Point> thinned(const std::vector<Point>& points, size_t most);

}  // namespace redbud::page
