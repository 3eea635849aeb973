// Lines, heat maps and bars.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "redbud/report/page/heat_map.h"
#include "redbud/report/page/histogram_chart.h"
#include "redbud/report/page/line_chart.h"

namespace redbud::page {
namespace {

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(LineChart, ThinsWithoutLosingPeaks) {
  std::vector<Point> points;
  for (int i = 0; i < 10000; ++i) points.push_back({static_cast<double>(i), i == 4321 ? 9.0 : (i == 77 ? -9.0 : 0.0)});
  const std::vector<Point> thin = thinned(points, 300);
  EXPECT_LE(thin.size(), 300U);
  const auto has = [&](double x) {
    return std::any_of(thin.begin(), thin.end(), [&](const Point& p) { return p.x == x; });
  };
  EXPECT_TRUE(has(4321));
  EXPECT_TRUE(has(77));
  EXPECT_TRUE(std::is_sorted(thin.begin(), thin.end(), [](const Point& a, const Point& b) { return a.x < b.x; }));
  EXPECT_EQ(thinned({{1, 2}, {2, 3}}, 300).size(), 2U);
}

TEST(LineChart, DrawsEachPointAndLeavesGaps) {
  const LineChart chart{.id = "loss",
                        .title = "Loss",
                        .y_label = "loss",
                        .series = {{.name = "train", .points = {{1, 3.0}, {2, std::nan("")}, {3, 2.0}, {4, 1.0}}}}};
  const std::string html = to_html(chart);
  EXPECT_TRUE(html.starts_with("<figure id=\"loss\"><figcaption>Loss</figcaption><svg ")) << html;
  EXPECT_EQ(count_of(html, "<title>epoch "), 3U);
  EXPECT_NE(html.find("epoch 3: train 2"), std::string::npos);
  EXPECT_EQ(html.find("nan"), std::string::npos);
  // From (58.., 14) at the top for 3 to the base at 196 for 1: two strokes, the first of them a dot.
  const size_t line = html.find("class=\"line main\" d=\"");
  ASSERT_NE(line, std::string::npos);
  const std::string path = html.substr(line, html.find('>', line) - line);
  EXPECT_EQ(count_of(path, "M"), 2U) << path;
  EXPECT_NE(path.find("14h.01M"), std::string::npos) << path;
  EXPECT_TRUE(path.ends_with("196\"/")) << path;
}

TEST(LineChart, OfNothingFiniteIsAnEmptyFrame) {
  const std::string html =
      to_html(LineChart{.id = "x", .title = "x", .series = {{.name = "a", .points = {{1, std::nan("")}}}}});
  EXPECT_EQ(html.find("class=\"line"), std::string::npos);
  EXPECT_EQ(html.find("nan"), std::string::npos);
}

TEST(LineChart, NamesOfLinesThatMeetAreMovedApart) {
  LineChart chart{.id = "x", .title = "x"};
  for (const char* name : {"one", "two", "three"})
    chart.series.push_back({.name = name, .points = {{1, 5.0}, {2, 1.0}}});
  const std::string html = to_html(chart);
  for (const char* y : {"y=\"196\" dy=\".35em\">", "y=\"181\" dy=\".35em\">", "y=\"166\" dy=\".35em\">"}) {
    EXPECT_EQ(count_of(html, y), 1U) << y << "\n" << html;
  }
}

HeatMap map_of(size_t rows, size_t columns) {
  HeatMap map{.id = "m", .title = "m"};
  for (size_t c = 0; c < columns; ++c) map.columns.push_back(static_cast<double>(c + 1));
  for (size_t r = 0; r < rows; ++r) {
    map.rows.push_back("layer" + std::to_string(r));
    map.values.emplace_back(columns, std::pow(10.0, -static_cast<double>(r)));
  }
  return map;
}

TEST(HeatMap, TintsGoByTheLogarithm) {
  const std::string html = to_html(map_of(5, 1));
  // 1, 0.1, ... 0.0001: equal steps from the fullest tint to none.
  for (const char* tint : {"t20", "t15", "t10", "t5", "t0"}) {
    EXPECT_NE(html.find("<rect class=\"" + std::string(tint) + "\" x=\"104\""), std::string::npos) << tint;
  }
  EXPECT_NE(html.find("layer3, epoch 1: 0.001"), std::string::npos);
}

TEST(HeatMap, WhatHardlyDiffersLooksAlike) {
  HeatMap map = map_of(2, 1);
  map.values = {{2.0}, {2.2}};
  const std::string html = to_html(map);
  // A decade around both: 2 and 2.2 lie in its middle, a twentieth of it apart.
  EXPECT_NE(html.find("<rect class=\"t10\" x=\"104\" y=\"4\""), std::string::npos) << html;
  EXPECT_NE(html.find("<rect class=\"t10\" x=\"104\" y=\"24\""), std::string::npos) << html;
  EXPECT_NE(html.find(">0.6633<"), std::string::npos) << "sqrt(2 * 2.2 / 10)";
}

TEST(HeatMap, SharesGoFromNoneToAll) {
  HeatMap map = map_of(1, 2);
  map.is_share = true;
  map.values = {{0.25, std::nan("")}};
  const std::string html = to_html(map);
  EXPECT_NE(html.find("class=\"t5\""), std::string::npos);
  EXPECT_NE(html.find("epoch 1: 25.00"), std::string::npos);
  EXPECT_EQ(count_of(html, "class=\"none\""), 1U);
}

TEST(HeatMap, IsBoundedAndSaysSo) {
  const std::string html = to_html(map_of(300, 5000));
  EXPECT_LT(html.size(), 100'000U);
  EXPECT_NE(html.find("80 of 5000 epochs shown"), std::string::npos);
  EXPECT_NE(html.find("40 of 300 layers shown"), std::string::npos);
  EXPECT_NE(html.find(">layer0<"), std::string::npos);
  EXPECT_NE(html.find(">layer299<"), std::string::npos);
}

TEST(HistogramChart, HasABarForEachCellThatHoldsSomething) {
  const std::string html =
      to_html(HistogramChart{.id = "h", .title = "h", .low = -1.0, .high = 1.0, .counts = {4, 0, 2}});
  const size_t bars = html.find("class=\"bars\" d=\"");
  ASSERT_NE(bars, std::string::npos);
  const std::string path = html.substr(bars, html.find('>', bars) - bars);
  EXPECT_EQ(count_of(path, "M"), 2U);
  EXPECT_NE(path.find("V10h"), std::string::npos) << "the fullest cell reaches the top: " << path;
  EXPECT_NE(path.find("V78h"), std::string::npos) << "half of it, half of 136 above 146: " << path;
  const std::string flat = to_html(HistogramChart{.id = "h", .title = "h", .low = 3.0, .high = 3.0, .counts = {10, 0}});
  EXPECT_EQ(flat.find("nan"), std::string::npos);
  EXPECT_NE(flat.find("V10h"), std::string::npos);
}

TEST(ScatterChart, ATruePredictionLiesOnTheLine) {
  const std::string html =
      to_html(ScatterChart{.id = "s", .title = "s", .truths = {0, 10, 5}, .predictions = {0, 10, 5}});
  EXPECT_EQ(count_of(html, "<circle"), 3U);
  const size_t mark = html.find("class=\"mark\" d=\"M");
  ASSERT_NE(mark, std::string::npos);
  EXPECT_NE(html.find("cy=\"246\""), std::string::npos);
  EXPECT_NE(html.find("cy=\"10\""), std::string::npos);
  EXPECT_NE(html.find("cy=\"128\""), std::string::npos);
}

}  // namespace
}  // namespace redbud::page
