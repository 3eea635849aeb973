#include "redbud/cli/run/range_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/cli/run/line_plot.h"

namespace redbud::cli {
namespace {

constexpr int kColumns = 60;

struct Extent {
  double lowest = INFINITY;
  double highest = -INFINITY;

  void take(double value) {
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  /// 0 to 1, also of what lies beyond: the proposed rate may be below the first one.
  double share_of(double value) const {
    return std::clamp((value - lowest) / std::max(1e-300, highest - lowest), 0.0, 1.0);
  }
};

double log_rate(const RangePoint& point) { return std::log10(point.learning_rate); }

Extent rates_of(const RangeResult& range) {
  return {.lowest = log_rate(range.points.front()), .highest = log_rate(range.points.back())};
}

/// From the lowest loss up to what it began with: how high it flies at the end says nothing more.
Extent losses_of(const RangeResult& range) {
  Extent losses;
  for (const RangePoint& point : range.points) losses.lowest = std::min(losses.lowest, point.smoothed);
  const size_t tenth = std::max<size_t>(1, range.points.size() / 10);
  for (size_t i = 0; i < tenth; ++i) losses.highest = std::max(losses.highest, range.points[i].smoothed);
  return losses;
}

/// Where the drawing's pixels are.
class Canvas {
 public:
  Canvas(const Extent& rates, const Extent& losses) : rates_(rates), losses_(losses) {}

  double x(double log_rate) const { return kLeft + (kRight - kLeft) * rates_.share_of(log_rate); }
  double y(double loss) const { return kBottom - (kBottom - kTop) * losses_.share_of(loss); }
  std::string line(const RangeResult& range, double RangePoint::*what, const char* style) const {
    std::string points;
    for (const RangePoint& p : range.points) points += fmt::format("{:.1f},{:.1f} ", x(log_rate(p)), y(p.*what));
    return fmt::format("<polyline fill=\"none\" {} points=\"{}\"/>\n", style, points);
  }

  static constexpr double kLeft = 70, kRight = 700, kTop = 40, kBottom = 340;

 private:
  Extent rates_;
  Extent losses_;
};

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, text);
}

std::string axes(const Canvas& canvas, const Extent& rates, const Extent& losses) {
  std::string out;
  for (int decade = static_cast<int>(std::ceil(rates.lowest)); decade <= static_cast<int>(std::floor(rates.highest));
       ++decade) {
    const double x = canvas.x(decade);
    out += fmt::format("<path d=\"M{0:.1f} {1}V{2}\" stroke=\"#8884\"/>\n", x, Canvas::kTop, Canvas::kBottom);
    out += label(x, Canvas::kBottom + 20, "middle", fmt::format("1e{}", decade));
  }
  for (int i = 0; i <= 4; ++i) {
    const double loss = losses.lowest + (losses.highest - losses.lowest) * i / 4;
    out +=
        fmt::format("<path d=\"M{1} {0:.1f}H{2}\" stroke=\"#8884\"/>\n", canvas.y(loss), Canvas::kLeft, Canvas::kRight);
    out += label(Canvas::kLeft - 8, canvas.y(loss) + 4, "end", fmt::format("{:.3g}", loss));
  }
  return out + label((Canvas::kLeft + Canvas::kRight) / 2, Canvas::kBottom + 45, "middle", "learning rate");
}

}  // namespace

std::string range_text(const RangeResult& range) {
  const Extent rates = rates_of(range);
  const Extent losses = losses_of(range);
  LinePlot plot;
  plot.title = "loss, smoothed, against the learning rate";
  plot.values.assign(kColumns, NAN);
  plot.lowest = losses.lowest;
  plot.highest = losses.highest;
  const auto column_of = [&](double log_rate) {
    return static_cast<size_t>(std::lround(rates.share_of(log_rate) * (kColumns - 1)));
  };
  for (const RangePoint& point : range.points) plot.values[column_of(log_rate(point))] = point.smoothed;
  plot.left = fmt::format("{:.3g}", range.points.front().learning_rate);
  plot.right = fmt::format("{:.3g}", range.points.back().learning_rate);
  plot.marked = static_cast<int>(column_of(std::log10(range.learning_rate)));
  return to_text(plot);
}

std::string range_svg(const RangeResult& range) {
  const Extent rates = rates_of(range);
  const Extent losses = losses_of(range);
  const Canvas canvas(rates, losses);
  const double x = canvas.x(std::log10(range.learning_rate));
  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 400\" width=\"720\" height=\"400\" "
      "font-family=\"sans-serif\" font-size=\"12\" fill=\"#555\">\n<rect width=\"720\" height=\"400\" "
      "fill=\"#fff\"/>\n";
  out += axes(canvas, rates, losses);
  out += canvas.line(range, &RangePoint::loss, "stroke=\"#b9c4d0\"");
  out += canvas.line(range, &RangePoint::smoothed, "stroke=\"#0b62a8\" stroke-width=\"2\"");
  out += fmt::format("<path d=\"M{0:.1f} {1}V{2}\" stroke=\"#c2410c\" stroke-dasharray=\"4 3\"/>\n", x, Canvas::kTop,
                     Canvas::kBottom);
  out += label(x, Canvas::kTop - 8, "middle", fmt::format("proposed {:.3g}", range.learning_rate));
  out += label(Canvas::kLeft, 20, "start", "loss: each step (pale) and smoothed");
  return out + "</svg>\n";
}

}  // namespace redbud::cli
