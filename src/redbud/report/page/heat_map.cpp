#include "redbud/report/page/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/report/page/markup.h"

namespace redbud::page {
namespace {

constexpr double kWidth = 440.0;
constexpr double kNames = 104.0;
constexpr double kRight = 8.0;
constexpr size_t kMostColumns = 80;
constexpr size_t kMostRows = 40;
constexpr size_t kMostHints = 600;  // cells that say their value when pointed at
constexpr int kTints = 20;
constexpr double kLeastRange = 10.0;  // of a scale of norms

/// From values to tints 0 to kTints.
struct Scale {
  double low = 0.0, high = 1.0;
  bool logarithmic = false;

  int tint(double value) const {
    double share = 0.0;
    if (logarithmic) {
      if (value <= 0.0) return 0;
      share = std::log(value / low) / std::log(high / low);
    } else {
      share = (value - low) / (high - low);
    }
    return std::clamp(static_cast<int>(std::lround(share * kTints)), 0, kTints);
  }
};

Scale scale_of(const HeatMap& map) {
  if (map.is_share) return {};
  Scale scale{.low = INFINITY, .high = 0.0, .logarithmic = true};
  for (const auto& row : map.values) {
    for (const double value : row) {
      if (!std::isfinite(value) || value <= 0.0) continue;
      scale.low = std::min(scale.low, value);
      scale.high = std::max(scale.high, value);
    }
  }
  if (scale.high == 0.0) scale.low = scale.high = 1.0;
  // At least a decade, so that what hardly differs looks alike.
  const double room = std::sqrt(std::max(1.0, kLeastRange / (scale.high / scale.low)));
  scale.low /= room;
  scale.high *= room;
  return scale;
}

/// Some of the columns, evenly, the first and the last among them.
std::vector<size_t> picked(size_t all, size_t most) {
  std::vector<size_t> list;
  const size_t count = std::min(all, most);
  for (size_t i = 0; i < count; ++i) list.push_back(count == 1 ? 0 : i * (all - 1) / (count - 1));
  return list;
}

std::string text_of(double value, bool is_share) { return is_share ? percent_text(value) : number_text(value); }

struct Layout {
  std::vector<size_t> rows, columns;
  double row_height = 20.0;
  double left() const { return kNames; }
  double cell() const { return (kWidth - kNames - kRight) / static_cast<double>(columns.size()); }
  double bottom() const { return 4.0 + row_height * static_cast<double>(rows.size()); }
};

/// Cells of one tint side by side become one rectangle, unless each has something to say.
std::string cells_of(const HeatMap& map, const Layout& layout, size_t r, const Scale& scale) {
  const bool hints = layout.rows.size() * layout.columns.size() <= kMostHints;
  const auto& values = map.values[layout.rows[r]];
  const auto tint = [&](size_t c) {
    const double value = values[layout.columns[c]];
    return std::isfinite(value) ? scale.tint(value) : -1;
  };
  const std::string name = escaped(map.rows[layout.rows[r]]);
  const std::string y = px(4.0 + layout.row_height * static_cast<double>(r));
  const std::string height = px(layout.row_height - 1.0);
  std::string out;
  for (size_t c = 0; c < layout.columns.size();) {
    const int shown = tint(c);
    size_t end = c + 1;
    while (!hints && end < layout.columns.size() && tint(end) == shown) ++end;
    const std::string place = fmt::format("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                                          px(layout.left() + layout.cell() * static_cast<double>(c)), y,
                                          px(layout.cell() * static_cast<double>(end - c)), height);
    if (shown < 0) {
      out += fmt::format("<rect class=\"none\" {}/>", place);
    } else if (hints) {
      out += fmt::format("<rect class=\"t{}\" {}><title>{}, epoch {}: {}</title></rect>", shown, place, name,
                         number_text(map.columns[layout.columns[c]]), text_of(values[layout.columns[c]], map.is_share));
    } else {
      out += fmt::format("<rect class=\"t{}\" {}/>", shown, place);
    }
    c = end;
  }
  return out;
}

std::string foot_of(const HeatMap& map, const Layout& layout, const Scale& scale) {
  const double y = layout.bottom() + 15.0;
  const auto text = [&](double x, const char* anchor, const std::string& what) {
    return fmt::format("<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>", px(x), px(y), anchor,
                       what);
  };
  std::string out = text(layout.left(), "start", "epoch " + number_text(map.columns.front()));
  if (map.columns.size() > 1) out += text(kWidth - kRight, "end", number_text(map.columns.back()));
  const double bar = 130.0;
  const double from = (layout.left() + kWidth - kRight - bar) / 2;
  for (int t = 0; t <= kTints; ++t) {
    out += fmt::format("<rect class=\"t{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"8\"/>", t,
                       px(from + bar * t / (kTints + 1)), px(y + 12), px(bar / (kTints + 1) + 0.3));
  }
  const std::string low = text_of(scale.low, map.is_share);
  const std::string high = text_of(scale.high, map.is_share);
  out += fmt::format("<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", px(from - 6), px(y + 20),
                     low);
  out += fmt::format("<text class=\"tick\" x=\"{}\" y=\"{}\">{}{}</text>", px(from + bar + 6), px(y + 20), high,
                     scale.logarithmic ? " (log)" : "");
  return out;
}

std::string note_of(const HeatMap& map, const Layout& layout) {
  std::string note = map.note;
  if (layout.columns.size() < map.columns.size())
    note += fmt::format("; {} of {} epochs shown", layout.columns.size(), map.columns.size());
  if (layout.rows.size() < map.rows.size())
    note += fmt::format("; {} of {} layers shown", layout.rows.size(), map.rows.size());
  return note;
}

}  // namespace

std::string to_html(const HeatMap& map) {
  Layout layout{.rows = picked(map.rows.size(), kMostRows), .columns = picked(map.columns.size(), kMostColumns)};
  layout.row_height = map.rows.size() > 12 ? 15.0 : 20.0;
  const Scale scale = scale_of(map);
  std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{} by layer and epoch\">",
                                px(kWidth), px(layout.bottom() + 40.0), escaped(map.title));
  for (size_t r = 0; r < layout.rows.size(); ++r) {
    const double y = 4.0 + layout.row_height * (static_cast<double>(r) + 0.5);
    const std::string& name = map.rows[layout.rows[r]];
    svg += fmt::format(
        "<text class=\"tick\" x=\"{}\" y=\"{}\" dy=\".32em\" text-anchor=\"end\"><title>{}</title>{}</text>",
        px(kNames - 8), px(y), escaped(name), escaped(cut(name, 14)));
    svg += cells_of(map, layout, r, scale);
  }
  svg += foot_of(map, layout, scale) + "</svg>";
  return to_html(Figure{.id = map.id, .title = map.title, .note = note_of(map, layout), .content = svg});
}

}  // namespace redbud::page
