#include "redbud/report/page/histogram_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/report/page/axis.h"
#include "redbud/report/page/markup.h"

namespace redbud::page {
namespace {

constexpr double kRight = 12.0;

/// Room for the axes of a chart.
struct Room {
  double left = 0.0, top = 10.0, bottom = 44.0, height = 190.0, width = 440.0;

  double right() const { return width - kRight; }
  double x(double share) const { return left + share * (right() - left); }
  double y(double share) const { return height - bottom - share * (height - bottom - top); }
};

std::string x_ticks(const Axis& axis, const Room& room, const std::string& label) {
  std::string out =
      fmt::format("<path class=\"axis\" d=\"M{} {}H{}\"/>", px(room.left), px(room.y(0)), px(room.right()));
  const std::vector<std::string> labels = axis.labels();
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::string x = px(room.x(axis.place(axis.ticks()[i])));
    out += fmt::format(
        "<path class=\"axis\" d=\"M{0} {1}v4\"/><text class=\"tick\" x=\"{0}\" y=\"{2}\" "
        "text-anchor=\"middle\">{3}</text>",
        x, px(room.y(0)), px(room.y(0) + 18), labels[i]);
  }
  return out + fmt::format("<text class=\"label\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                           px((room.left + room.right()) / 2), px(room.height - 6), escaped(label));
}

std::string y_ticks(const Axis& axis, const Room& room, const std::string& label) {
  std::string out;
  const std::vector<std::string> labels = axis.labels();
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::string y = px(room.y(axis.place(axis.ticks()[i])));
    out += fmt::format(
        "<path class=\"grid\" d=\"M{} {}H{}\"/><text class=\"tick\" x=\"{}\" y=\"{}\" dy=\".35em\" "
        "text-anchor=\"end\">{}</text>",
        px(room.left), y, px(room.right()), px(room.left - 7), y, labels[i]);
  }
  return out + fmt::format(
                   "<text class=\"label\" transform=\"translate(12 {}) rotate(-90)\" "
                   "text-anchor=\"middle\">{}</text>",
                   px((room.y(0) + room.y(1)) / 2), escaped(label));
}

std::string svg_begin(const Room& room, const std::string& title) {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", px(room.width), px(room.height),
                     escaped(title));
}

}  // namespace

std::string to_html(const HistogramChart& chart) {
  int64_t most = 1;
  for (const int64_t count : chart.counts) most = std::max(most, count);
  const Axis y = Axis::linear(0.0, static_cast<double>(most));
  const Room room{.left = room_for(y.labels()), .height = chart.height, .width = chart.width};
  // Values that are all the same fill one cell of no width.
  const bool flat = !(chart.high > chart.low);
  const Axis x = Axis::linear(chart.low, chart.high, false);  // which spreads equal ends
  std::string svg = svg_begin(room, chart.title) + y_ticks(y, room, "count");
  const double cell = (room.x(1) - room.x(0)) / static_cast<double>(chart.counts.size());
  std::string path;
  for (size_t i = 0; i < chart.counts.size(); ++i) {
    if (chart.counts[i] == 0) continue;
    const double from = flat ? room.x(0.5) - cell / 2 : room.x(0) + cell * static_cast<double>(i);
    const double top = room.y(y.place(static_cast<double>(chart.counts[i])));
    path +=
        fmt::format("M{} {}V{}h{}V{}z", px(from), px(room.y(0)), px(top), px(std::max(0.5, cell - 0.8)), px(room.y(0)));
  }
  svg += fmt::format("<path class=\"bars\" d=\"{}\"/>", path) + x_ticks(x, room, chart.x_label);
  return to_html(Figure{.id = chart.id, .title = chart.title, .note = chart.note, .content = svg + "</svg>"});
}

std::string to_html(const ScatterChart& chart) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const auto* values : {&chart.truths, &chart.predictions}) {
    for (const double value : *values) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (low > high) low = high = 0.0;
  const Axis axis = Axis::linear(low, high);
  const Room room{.left = room_for(axis.labels()), .height = 290.0};
  std::string svg = svg_begin(room, chart.title) + y_ticks(axis, room, "prediction") + x_ticks(axis, room, "truth");
  svg += fmt::format("<path class=\"mark\" d=\"M{} {}L{} {}\"/><g class=\"dots\">", px(room.x(0)), px(room.y(0)),
                     px(room.x(1)), px(room.y(1)));
  for (size_t i = 0; i < chart.truths.size(); ++i) {
    if (!std::isfinite(chart.truths[i]) || !std::isfinite(chart.predictions[i])) continue;
    svg += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"2.6\"/>", px(room.x(axis.place(chart.truths[i]))),
                       px(room.y(axis.place(chart.predictions[i]))));
  }
  return to_html(Figure{.id = chart.id, .title = chart.title, .note = chart.note, .content = svg + "</g></svg>"});
}

}  // namespace redbud::page
