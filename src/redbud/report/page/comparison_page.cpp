// Runs side by side.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "redbud/report/page/markup.h"
#include "redbud/report/page/metric_names.h"
#include "redbud/report/page/run_page.h"
#include "redbud/report/page/sections.h"
#include "redbud/report/page/style.h"
#include "redbud/report/record_fields.h"

namespace redbud {
namespace page {
namespace {

using Stories = std::vector<RunStory>;
constexpr size_t kLines = 18;  // that look different

std::string color_of(size_t run) { return fmt::format("c{}", run % kLines); }

std::string legend(const Stories& stories) {
  std::string out = "<ul class=\"legend\">\n";
  for (size_t i = 0; i < stories.size(); ++i) {
    out += fmt::format(
        "<li><svg viewBox=\"0 0 28 10\" aria-hidden=\"true\"><path class=\"line {}\" d=\"M2 5H26\"/></svg>{}</li>\n",
        color_of(i), escaped(stories[i].name));
  }
  return out + "</ul>\n";
}

/// The best of a column's values, NaN where there is none or where all are the same.
double best_of(const std::vector<double>& values, bool more_is_better) {
  double best = std::nan("");
  bool differ = false;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    differ = differ || (std::isfinite(best) && value != best);
    if (!std::isfinite(best) || (more_is_better ? value > best : value < best)) best = value;
  }
  return differ ? best : std::nan("");
}

/// A line a run, a column a figure; the best of each column stands out.
std::string results_of(const Stories& stories, const std::string& part) {
  std::vector<const ConfigValue*> tables;
  for (const RunStory& story : stories) tables.push_back(&table_in(story.done, part));
  const std::vector<MetricName> metrics = metrics_in(tables);
  if (metrics.empty()) return "";
  HtmlTable table{.head = {escaped(part)}, .css_class = "results"};
  for (const RunStory& story : stories) table.rows.push_back({escaped(story.name)});
  for (const MetricName& metric : metrics) {
    table.head.push_back(escaped(metric.title));
    std::vector<double> values;
    for (const ConfigValue* metrics_of_run : tables) values.push_back(number_in(*metrics_of_run, metric.key));
    const double best = best_of(values, metric.more_is_better);
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string text = metric_text(metric, values[i]);
      table.rows[i].push_back(values[i] == best ? "<strong>" + text + "</strong>" : text);
    }
  }
  return to_html(table);
}

std::string runs_table(const Stories& stories) {
  HtmlTable table{.head = {"run", "parameters", "best epoch", "epochs", "seconds", "ended by"}, .css_class = "runs"};
  for (const RunStory& story : stories) {
    const std::string reason = text_in(story.done, "stop_reason");
    table.rows.push_back({escaped(story.name), number_text(number_in(story.start, "parameters")),
                          number_text(number_in(story.done, "best_epoch")),
                          number_text(number_in(story.done, "epochs")), number_text(number_in(story.done, "wall_s")),
                          escaped(reason.empty() ? "not ended" : reason)});
  }
  return to_html(table);
}

std::string value_of(const RunStory& story, const std::string& key) {
  for (const Setting& setting : story.settings) {
    if (setting.key == key) return setting.value;
  }
  return "\xE2\x80\x93";
}

/// Keys in the order of the first run that has them.
std::string settings_table(const Stories& stories) {
  std::vector<std::string> keys;
  for (const RunStory& story : stories) {
    for (const Setting& setting : story.settings) {
      if (std::find(keys.begin(), keys.end(), setting.key) == keys.end()) keys.push_back(setting.key);
    }
  }
  HtmlTable table{.head = {"key"}, .css_class = "settings"};
  for (const RunStory& story : stories) table.head.push_back(escaped(story.name));
  for (const std::string& key : keys) {
    std::vector<std::string> row = {"<code>" + escaped(key) + "</code>"};
    bool differ = false;
    for (const RunStory& story : stories) {
      const std::string value = value_of(story, key);
      differ = differ || value != value_of(stories.front(), key);
      row.push_back("<code>" + escaped(value) + "</code>");
    }
    if (differ) table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) return "<p>None: the runs have the same configuration.</p>\n";
  return to_html(table);
}

std::string chart_of(const Stories& stories, LineChart chart, const EpochField& field) {
  bool any = false;
  for (size_t i = 0; i < stories.size(); ++i) {
    chart.series.push_back({.name = stories[i].name, .css_class = color_of(i), .points = points_of(stories[i], field)});
    for (const Point& p : chart.series.back().points) any = any || std::isfinite(p.y);
  }
  chart.names_at_ends = false;
  return any ? to_html(chart) : "";
}

std::string curves(const Stories& stories) {
  std::vector<const ConfigValue*> tables;
  for (const RunStory& story : stories) {
    for (const ConfigValue& epoch : story.epochs) tables.push_back(&table_in(epoch, "validation"));
  }
  std::string figures =
      chart_of(stories, {.id = "train-loss", .title = "Training loss", .y_label = "loss"}, {"", "train_loss"});
  for (const MetricName& metric : metrics_in(tables)) {
    figures += chart_of(
        stories, {.id = "metric-" + metric.key, .title = "Validation " + metric.title, .y_label = metric.axis_label()},
        {"validation", metric.key, metric.unit()});
  }
  figures += chart_of(stories, {.id = "learning-rate", .title = "Learning rate", .y_label = "learning rate"},
                      {"", "learning_rate"});
  figures += chart_of(stories, {.id = "speed", .title = "Speed", .y_label = "rows a second"}, {"", "rows_per_s"});
  return figures.empty() ? "" : legend(stories) + "<div class=\"figures\">\n" + figures + "</div>\n";
}

std::string comparison_body(const Stories& stories) {
  std::string results = runs_table(stories);
  for (const char* part : {"test", "validation", "train"}) results += results_of(stories, part);
  std::string lead;
  if (stories.size() > kLines) lead = fmt::format("From the {}th run on, colours come again.", kLines + 1);
  std::string footer = "</main>\n<footer>Made by <code>redbud report";
  for (const RunStory& story : stories) footer += " " + escaped(story.name);
  return fmt::format("<header><p class=\"kind\">Redbud</p>\n<h1>{} runs side by side</h1>\n</header>\n<main>\n",
                     stories.size()) +
         section("results", "Result", "The best of each column stands out.",
                 "<div class=\"stack\">" + results + "</div>") +
         section("settings", "Settings that differ", "", settings_table(stories)) +
         section("curves", "How they went", lead, curves(stories)) + footer + "</code>.</footer>\n";
}

}  // namespace
}  // namespace page

std::string comparison_page(const std::vector<RunStory>& stories) {
  return page::document(fmt::format("{} runs \xC2\xB7 redbud", stories.size()), page::comparison_body(stories));
}

}  // namespace redbud
