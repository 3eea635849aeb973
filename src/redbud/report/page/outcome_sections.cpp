// Where the model is wrong, for each part of the rows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/report/page/histogram_chart.h"
#include "redbud/report/page/markup.h"
#include "redbud/report/page/picture.h"
#include "redbud/report/page/sections.h"
#include "redbud/report/record_fields.h"

namespace redbud::page {
namespace {

constexpr size_t kNameCharacters = 18;

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

std::string residual_figures(const ConfigValue& outcome, const std::string& part) {
  std::string figures;
  size_t number = 0;
  for (const ConfigValue& target : list_in(outcome, "targets")) {
    const std::string name = text_in(target, "name");
    const std::string id = fmt::format("{}-{}", part, ++number);
    HistogramChart chart{
        .id = "residuals-" + id, .title = "Residuals of " + name, .x_label = "prediction \xE2\x88\x92 truth"};
    chart.note = fmt::format("mean {}, deviation {}", number_text(number_in(target, "mean")),
                             number_text(number_in(target, "deviation")));
    chart.height = 290.0;
    chart.low = number_in(target, "low");
    chart.high = number_in(target, "high");
    for (const ConfigValue& count : list_in(target, "counts"))
      chart.counts.push_back(count.is_number() ? static_cast<int64_t>(count.as_number("count")) : 0);
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

/// A class's name, or numbers, one a target.
std::string value_text(const ConfigValue& line, const char* key) {
  const ConfigValue* value = line.find(key);
  if (value != nullptr && value->is_text()) return escaped(cut(value->as_text(key), 40));
  std::string text;
  for (const ConfigValue& number : list_in(line, key))
    text += (text.empty() ? "" : ", ") + number_text(number.is_number() ? number.as_number(key) : std::nan(""));
  return text;
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

std::string worst_figure(const ConfigValue& outcome, const std::string& part) {
  const ConfigValue::List& worst = list_in(outcome, "worst");
  if (worst.empty()) return "";
  const bool has_classes = !list_in(outcome, "confusion").empty();
  const bool has_lines = worst.front().find("line") != nullptr;
  HtmlTable table{.head = {has_lines ? "line" : "row", "truth", "prediction"}, .css_class = "worst"};
  const bool has_probabilities = worst.front().find("p") != nullptr;
  if (has_probabilities) table.head.insert(table.head.end(), {"its probability", "of the truth"});
  table.head.emplace_back("loss");
  const bool has_pictures = !picture_cell(worst.front()).empty();
  if (has_pictures) table.head.insert(table.head.begin() + 1, "");
  for (const ConfigValue& line : worst) {
    std::vector<std::string> row = {number_text(number_in(line, has_lines ? "line" : "row")), value_text(line, "truth"),
                                    value_text(line, "prediction")};
    if (has_probabilities)
      row.insert(row.end(), {probability_text(number_in(line, "p")), probability_text(number_in(line, "p_truth"))});
    row.push_back(loss_text(number_in(line, "loss")));
    if (has_pictures) row.insert(row.begin() + 1, picture_cell(line));
    table.rows.push_back(std::move(row));
  }
  std::string note = has_lines ? "lines of the file, the header being line 1" : "rows of the file, counted from 0";
  note += has_probabilities ? "; loss: \xE2\x88\x92ln of the truth\xE2\x80\x99s probability"
          : has_classes     ? "; loss: how far the truth\xE2\x80\x99s score lies behind the best"
                            : "; loss: squared error, standardised";
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
                   "<div class=\"stack\">" + confusion_figure(outcome, part) + residual_figures(outcome, part) +
                       worst_figure(outcome, part) + "</div>");
  }
  return out;
}

}  // namespace redbud::page
