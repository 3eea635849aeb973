// Where the model is wrong, for each part of the rows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "redbud/report/page/histogram_chart.h"
#include "redbud/report/page/markup.h"
#include "redbud/report/page/picture.h"
#include "redbud/report/page/sections.h"
#include "redbud/report/record_fields.h"

namespace redbud::page {
namespace {

constexpr size_t kNameCharacters = 18;
constexpr size_t kListCharacters = 60;

double number_at(const ConfigValue::List& list, size_t i) {
  return i < list.size() && list[i].is_number() ? list[i].as_number("list") : std::nan("");
}

const ConfigValue::List& line_of(const ConfigValue::List& matrix, size_t i) {
  static const ConfigValue::List none;
  return i < matrix.size() && matrix[i].is_list() ? matrix[i].as_list("line") : none;
}

/// The tint is the share of the row, so that rare classes show as much as frequent ones. Tints between the middle and
/// three quarters are left out: neither ink nor its opposite can be read well on them.
std::string matrix_cell(double count, double of_row) {
  if (!(count > 0.0)) return "<td class=\"dot\">\xC2\xB7</td>";
  const double share = of_row > 0.0 ? count / of_row : 0.0;
  const bool dark = share > 0.5;
  const auto tint = static_cast<int>(std::lround(dark ? 15.0 + 10.0 * (share - 0.5) : 20.0 * share));
  return fmt::format("<td class=\"m t{}{}\">{}</td>", std::min(tint, dark ? 20 : 10), dark ? " on" : "",
                     number_text(count));
}

std::string confusion_figure(const ConfigValue& outcome, const std::string& part) {
  const ConfigValue::List& matrix = list_in(outcome, "confusion");
  if (matrix.empty()) return "";
  const ConfigValue::List& classes = list_in(outcome, "classes");
  const int64_t left_out = integer_in(outcome, "classes_left_out");
  const auto name = [&](size_t i) {
    if (i < classes.size() && classes[i].is_text()) {
      const std::string& whole = classes[i].as_text("class");
      return fmt::format("<span title=\"{}\">{}</span>", escaped(whole), escaped(cut(whole, kNameCharacters)));
    }
    return fmt::format("<i>{} others</i>", left_out);
  };
  std::string table =
      "<div class=\"scroll\"><table class=\"matrix\"><thead><tr><th scope=\"col\">truth \xE2\x86\x93 prediction "
      "\xE2\x86\x92</th>";
  for (size_t i = 0; i < matrix.size(); ++i) table += "<th scope=\"col\">" + name(i) + "</th>";
  table += "<th scope=\"col\">recall</th></tr></thead><tbody>\n";
  for (size_t i = 0; i < matrix.size(); ++i) {
    const ConfigValue::List& line = line_of(matrix, i);
    double sum = 0.0;
    for (size_t j = 0; j < matrix.size(); ++j) sum += number_at(line, j);
    table += "<tr><th scope=\"row\">" + name(i) + "</th>";
    for (size_t j = 0; j < matrix.size(); ++j) table += matrix_cell(number_at(line, j), sum);
    const bool is_one_class = i < classes.size();
    table += "<td>" + (is_one_class && sum > 0 ? percent_text(number_at(line, i) / sum) : number_text(std::nan(""))) +
             "</td></tr>\n";
  }
  std::string note = "rows; a tint is the share of its line";
  if (left_out > 0)
    note += fmt::format("; the {} classes with the most mistakes, {} others as one", classes.size(), left_out);
  return to_html(Figure{.id = "confusion-" + part,
                        .title = "Confusion matrix",
                        .note = note,
                        .content = table + "</tbody></table></div>"});
}

HistogramChart histogram_in(const ConfigValue& record) {
  HistogramChart chart;
  chart.note = fmt::format("mean {}, deviation {}", number_text(number_in(record, "mean")),
                           number_text(number_in(record, "deviation")));
  chart.height = 290.0;
  chart.low = number_in(record, "low");
  chart.high = number_in(record, "high");
  for (const ConfigValue& count : list_in(record, "counts"))
    chart.counts.push_back(count.is_number() ? static_cast<int64_t>(count.as_number("count")) : 0);
  return chart;
}

std::string residual_figures(const ConfigValue& outcome, const std::string& part) {
  std::string figures;
  size_t number = 0;
  for (const ConfigValue& target : list_in(outcome, "targets")) {
    const std::string name = text_in(target, "name");
    const std::string id = fmt::format("{}-{}", part, ++number);
    HistogramChart chart = histogram_in(target);
    chart.id = "residuals-" + id;
    chart.title = "Residuals of " + name;
    chart.x_label = "prediction \xE2\x88\x92 truth";
    ScatterChart scatter{.id = "truths-" + id, .title = "Prediction against truth: " + name};
    for (const ConfigValue& point : list_in(target, "points")) {
      if (!point.is_list()) continue;
      scatter.truths.push_back(number_at(point.as_list("point"), 0));
      scatter.predictions.push_back(number_at(point.as_list("point"), 1));
    }
    scatter.note = fmt::format("{} of {} rows", scatter.truths.size(), number_text(number_in(outcome, "rows")));
    if (std::isfinite(chart.low) && !chart.counts.empty()) figures += to_html(chart) + to_html(scatter);
  }
  return figures.empty() ? "" : "<div class=\"figures\">\n" + figures + "</div>\n";
}

std::string share_text(double part, double whole) {
  return whole > 0.0 ? percent_text(part / whole) : number_text(std::nan(""));
}

/// As scikit-learn has it: F1 is 0 where a label neither occurs nor is predicted.
std::string f1_text(double hits, double met) { return percent_text(met > 0.0 ? 2.0 * hits / met : 0.0); }

std::string labels_figure(const ConfigValue& outcome, const std::string& part) {
  HtmlTable table{.head = {"label", "rows that have it", "predicted", "precision", "recall", "F1"}};
  for (const ConfigValue& label : list_in(outcome, "labels")) {
    const double ones = number_in(label, "ones");
    const double predicted = number_in(label, "predicted");
    const double hits = number_in(label, "hits");
    table.rows.push_back({escaped(cut(text_in(label, "name"), 40)), number_text(ones), number_text(predicted),
                          share_text(hits, predicted), share_text(hits, ones), f1_text(hits, ones + predicted)});
  }
  if (table.rows.empty()) return "";
  std::string note = "precision: the share of the predicted that have it; recall: of those that have it, predicted";
  const int64_t left_out = integer_in(outcome, "labels_left_out");
  if (left_out > 0)
    note += fmt::format("; the {} labels with the most mistakes, {} are left out", table.rows.size(), left_out);
  return to_html(Figure{.id = "labels-" + part, .title = "Labels", .note = note, .content = to_html(table)});
}

std::string distances_figure(const ConfigValue& outcome, const std::string& part) {
  HistogramChart chart = histogram_in(table_in(outcome, "distances"));
  if (!std::isfinite(chart.low) || chart.counts.empty()) return "";
  chart.id = "distances-" + part;
  chart.title = "Distances of directions";
  chart.x_label = "1 \xE2\x88\x92 cos(prediction, truth)";
  return "<div class=\"figures\">\n" + to_html(chart) + "</div>\n";
}

/// The texts or numbers of a list, or the one text.
std::string value_text(const ConfigValue& line, const char* key) {
  const ConfigValue* value = line.find(key);
  if (value != nullptr && value->is_text()) return escaped(cut(value->as_text(key), 40));
  std::string text;
  for (const ConfigValue& entry : list_in(line, key)) {
    text += text.empty() ? "" : ", ";
    text += entry.is_text() ? entry.as_text(key) : number_text(entry.is_number() ? entry.as_number(key) : std::nan(""));
  }
  return escaped(cut(text, kListCharacters));
}

/// With as many digits in each row, so that they stand below each other.
std::string probability_text(double p) {
  if (std::isnan(p)) return number_text(p);
  return p < 5e-5 ? "&lt;\xC2\xA0"
                    "0.0001"
                  : fmt::format("{:.4f}", p);
}

std::string loss_text(double loss) { return loss < 1000.0 ? fmt::format("{:.3f}", loss) : number_text(loss); }

std::string picture_cell(const ConfigValue& line) {
  const ConfigValue& picture = table_in(line, "picture");
  const std::string uri =
      picture_uri(integer_in(picture, "height"), integer_in(picture, "width"), text_in(picture, "levels"));
  return uri.empty() ? "" : fmt::format("<img alt=\"the row as a picture\" src=\"{}\">", uri);
}

/// What a column of the table of mistakes shows of a line.
struct Column {
  std::string head;
  std::function<std::string(const ConfigValue&)> cell;
};

std::vector<Column> worst_columns(const ConfigValue& first) {
  const auto number = [](const char* key) {
    return [key](const ConfigValue& line) { return number_text(number_in(line, key)); };
  };
  const auto value = [](const char* key) { return [key](const ConfigValue& line) { return value_text(line, key); }; };
  const auto probability = [](const char* key) {
    return [key](const ConfigValue& line) { return probability_text(number_in(line, key)); };
  };
  const char* const place = first.find("line") != nullptr ? "line" : "row";
  std::vector<Column> columns = {{place, number(place)}};
  if (!picture_cell(first).empty()) columns.push_back({"", picture_cell});
  columns.insert(columns.end(), {{"truth", value("truth")}, {"prediction", value("prediction")}});
  if (first.find("label") != nullptr) columns.push_back({"worst label", value("label")});
  if (first.find("p") != nullptr) columns.push_back({"its probability", probability("p")});
  if (first.find("p_truth") != nullptr) columns.push_back({"of the truth", probability("p_truth")});
  columns.push_back({"loss", [](const ConfigValue& line) { return loss_text(number_in(line, "loss")); }});
  return columns;
}

/// What the column "loss" is.
std::string loss_note(const ConfigValue& outcome) {
  const bool has_probabilities = list_in(outcome, "worst").front().find("p_truth") != nullptr;
  if (!list_in(outcome, "confusion").empty()) {
    return has_probabilities ? "\xE2\x88\x92ln of the truth\xE2\x80\x99s probability"
                             : "how far the truth\xE2\x80\x99s score lies behind the best";
  }
  if (!list_in(outcome, "labels").empty()) {
    return has_probabilities ? "the sum over labels of \xE2\x88\x92ln of the truth\xE2\x80\x99s probability"
                             : "the sum over labels of what lacks to a margin of 1";
  }
  if (!list_in(outcome, "directions").empty()) {
    const int64_t left_out = integer_in(outcome, "directions_left_out");
    return "1 \xE2\x88\x92 cos; both vectors are shown at length 1" +
           (left_out > 0 ? fmt::format(", without their last {} numbers", left_out) : "");
  }
  return "squared error, standardised";
}

std::string worst_figure(const ConfigValue& outcome, const std::string& part) {
  const ConfigValue::List& worst = list_in(outcome, "worst");
  if (worst.empty()) return "";
  const std::vector<Column> columns = worst_columns(worst.front());
  HtmlTable table{.css_class = "worst"};
  for (const Column& column : columns) table.head.push_back(column.head);
  for (const ConfigValue& line : worst) {
    table.rows.emplace_back();
    for (const Column& column : columns) table.rows.back().push_back(column.cell(line));
  }
  const bool has_lines = worst.front().find("line") != nullptr;
  const std::string note =
      std::string(has_lines ? "lines of the file, the header being line 1" : "rows of the file, counted from 0") +
      "; loss: " + loss_note(outcome);
  return to_html(Figure{.id = "worst-" + part, .title = "Worst mistakes", .note = note, .content = to_html(table)});
}

}  // namespace

std::string outcome_sections(const RunStory& story) {
  std::string out;
  for (const ConfigValue& outcome : story.outcomes) {
    const std::string part = text_in(outcome, "part");
    const std::string from = text_in(outcome, "from");
    const std::string lead = fmt::format("The best weights on {} {} rows{}.", number_text(number_in(outcome, "rows")),
                                         part, from.empty() ? "" : " (" + from + ")");
    out += section("outcome-" + part, "Mistakes on the " + part + " rows", lead,
                   "<div class=\"stack\">" + confusion_figure(outcome, part) + labels_figure(outcome, part) +
                       residual_figures(outcome, part) + distances_figure(outcome, part) + worst_figure(outcome, part) +
                       "</div>");
  }
  return out;
}

}  // namespace redbud::page
