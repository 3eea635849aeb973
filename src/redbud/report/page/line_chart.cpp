#include "redbud/report/page/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/report/page/axis.h"
#include "redbud/report/page/markup.h"

namespace redbud::page {
namespace {

constexpr double kWidth = 440.0;
constexpr double kHeight = 240.0;
constexpr double kTop = 14.0;
constexpr double kBottom = 44.0;
constexpr double kLineHeight = 15.0;
constexpr size_t kMostPoints = 300;
constexpr size_t kMostHints = 60;  // points that say their value when pointed at

struct Frame {
  Axis x, y;
  double left = 0.0, right = 0.0;  // where the lines begin and end

  double px_x(double value) const { return left + x.place(value) * (right - left); }
  double px_y(double value) const { return kHeight - kBottom - y.place(value) * (kHeight - kBottom - kTop); }
  bool has(const Point& p) const { return std::isfinite(p.y) && !(y.is_logarithmic() && p.y <= 0.0); }
};

Frame frame_of(const LineChart& chart) {
  std::vector<double> values;
  double first = INFINITY;
  double last = -INFINITY;
  size_t longest = 0;
  for (const Series& series : chart.series) {
    longest = std::max(longest, characters_in(series.name));
    for (const Point& p : series.points) {
      values.push_back(p.y);
      first = std::min(first, p.x);
      last = std::max(last, p.x);
    }
  }
  if (first > last) first = last = 1.0;
  const bool named = chart.names_at_ends && chart.series.size() > 1;
  const Axis y = Axis::over(values);
  return {.x = Axis::linear(first, last, false),
          .y = y,
          .left = room_for(y.labels()),
          .right = kWidth - (named ? 14.0 + 7.0 * static_cast<double>(longest) : 14.0)};
}

/// Of an axis of epochs whole numbers alone.
bool is_shown(double tick) { return tick == std::round(tick); }

std::string grid(const LineChart& chart, const Frame& frame) {
  std::string out;
  const std::vector<std::string> labels = frame.y.labels();
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::string y = px(frame.px_y(frame.y.ticks()[i]));
    out += fmt::format(
        "<path class=\"grid\" d=\"M{} {}H{}\"/><text class=\"tick\" x=\"{}\" y=\"{}\" dy=\".35em\" "
        "text-anchor=\"end\">{}</text>",
        px(frame.left), y, px(frame.right), px(frame.left - 7), y, labels[i]);
  }
  const std::string base = px(kHeight - kBottom);
  out += fmt::format("<path class=\"axis\" d=\"M{} {}H{}\"/>", px(frame.left), base, px(frame.right));
  for (const double tick : frame.x.ticks()) {
    if (!is_shown(tick)) continue;
    out += fmt::format(
        "<path class=\"axis\" d=\"M{0} {1}v4\"/><text class=\"tick\" x=\"{0}\" y=\"{2}\" "
        "text-anchor=\"middle\">{3}</text>",
        px(frame.px_x(tick)), base, px(kHeight - kBottom + 18), number_text(tick));
  }
  out += fmt::format("<text class=\"label\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                     px((frame.left + frame.right) / 2), px(kHeight - 6), escaped(chart.x_label));
  out +=
      fmt::format("<text class=\"label\" transform=\"translate(12 {}) rotate(-90)\" text-anchor=\"middle\">{}{}</text>",
                  px((kTop + kHeight - kBottom) / 2), escaped(chart.y_label), frame.y.is_logarithmic() ? " (log)" : "");
  return out;
}

std::string line_of(const Series& series, const Frame& frame) {
  const std::vector<Point> points = thinned(series.points, kMostPoints);
  std::string path;
  std::string dots;
  bool drawing = false;
  for (size_t i = 0; i < points.size(); ++i) {
    const Point& p = points[i];
    if (!frame.has(p)) {
      drawing = false;
      continue;
    }
    const bool alone = !drawing && (i + 1 == points.size() || !frame.has(points[i + 1]));
    path += fmt::format("{}{} {}", drawing ? "L" : "M", px(frame.px_x(p.x)), px(frame.px_y(p.y)));
    if (alone) path += "h.01";  // a point of its own is a dot, by its round ends
    drawing = true;
    if (points.size() > kMostHints) continue;
    dots += fmt::format("<circle class=\"hint\" cx=\"{}\" cy=\"{}\" r=\"7\"><title>{} {}: {} {}</title></circle>",
                        px(frame.px_x(p.x)), px(frame.px_y(p.y)), "epoch", number_text(p.x), escaped(series.name),
                        number_text(p.y));
  }
  if (path.empty()) return "";
  return fmt::format("<path class=\"line {}\" d=\"{}\"/>{}", escaped(series.css_class), path, dots);
}

/// Names beside the ends of their lines, moved apart where these meet.
std::string names(const LineChart& chart, const Frame& frame) {
  struct Name {
    const Series* series;
    double y;
  };
  std::vector<Name> list;
  for (const Series& series : chart.series) {
    const auto last =
        std::find_if(series.points.rbegin(), series.points.rend(), [&](const Point& p) { return frame.has(p); });
    if (last != series.points.rend()) list.push_back({&series, frame.px_y(last->y)});
  }
  std::sort(list.begin(), list.end(), [](const Name& a, const Name& b) { return a.y < b.y; });
  for (size_t i = 1; i < list.size(); ++i) list[i].y = std::max(list[i].y, list[i - 1].y + kLineHeight);
  double least = kHeight - kBottom;
  for (size_t i = list.size(); i-- > 0; least = list[i].y - kLineHeight) list[i].y = std::min(list[i].y, least);
  std::string out;
  for (const Name& name : list) {
    out += fmt::format("<text class=\"name {}\" x=\"{}\" y=\"{}\" dy=\".35em\">{}</text>",
                       escaped(name.series->css_class), px(frame.right + 6), px(name.y), escaped(name.series->name));
  }
  return out;
}

}  // namespace

std::vector<Point> thinned(const std::vector<Point>& points, size_t most) {
  if (points.size() <= most) return points;
  const size_t stretches = std::max<size_t>(1, most / 2);
  std::vector<Point> kept;
  for (size_t s = 0; s < stretches; ++s) {
    const size_t begin = s * points.size() / stretches;
    const size_t end = (s + 1) * points.size() / stretches;
    size_t low = begin;
    size_t high = begin;
    for (size_t i = begin; i < end; ++i) {
      if (!std::isfinite(points[i].y)) continue;
      if (!std::isfinite(points[low].y) || points[i].y < points[low].y) low = i;
      if (!std::isfinite(points[high].y) || points[i].y > points[high].y) high = i;
    }
    kept.push_back(points[std::min(low, high)]);
    if (low != high) kept.push_back(points[std::max(low, high)]);
  }
  return kept;
}

std::string to_html(const LineChart& chart) {
  const Frame frame = frame_of(chart);
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{} by {}\">", px(kWidth),
                                px(kHeight), escaped(chart.title), escaped(chart.x_label));
  svg += grid(chart, frame);
  std::string note;
  if (chart.mark_x) {
    svg += fmt::format("<path class=\"mark\" d=\"M{} {}V{}\"/>", px(frame.px_x(*chart.mark_x)), px(kTop),
                       px(kHeight - kBottom));
  }
  size_t longest = 0;
  for (const Series& series : chart.series) {
    svg += line_of(series, frame);
    longest = std::max(longest, series.points.size());
  }
  if (longest > kMostPoints)
    note = fmt::format("{} epochs, drawn by {} points", number_text(static_cast<double>(longest)), kMostPoints);
  if (chart.names_at_ends && chart.series.size() > 1) svg += names(chart, frame);
  return to_html(Figure{.id = chart.id, .title = chart.title, .note = note, .content = svg + "</svg>"});
}

}  // namespace redbud::page
