// The page of one run.
#include "redbud/report/page/run_page.h"

#include <fmt/format.h>

#include <cmath>

#include "redbud/report/page/markup.h"
#include "redbud/report/page/metric_names.h"
#include "redbud/report/page/sections.h"
#include "redbud/report/page/style.h"
#include "redbud/report/record_fields.h"

namespace redbud {
namespace page {
namespace {

constexpr const char* kParts[] = {"train", "validation", "test"};

std::string duration_text(double seconds) {
  if (!(seconds >= 0.0)) return number_text(seconds);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const double whole = std::round(seconds);
  if (whole < 60) return fmt::format("{:.0f} s", whole);
  if (whole < 3600) return fmt::format("{:.0f} min {:.0f} s", std::floor(whole / 60), std::fmod(whole, 60));
  return fmt::format("{:.0f} h {:.0f} min", std::floor(whole / 3600), std::floor(std::fmod(whole, 3600) / 60));
}

std::string how_it_ended(const RunStory& story) {
  const std::string reason = text_in(story.done, "stop_reason");
  const std::string after = fmt::format("after {} epochs", number_text(number_in(story.done, "epochs")));
  if (reason == "epochs") return "All " + number_text(number_in(story.done, "epochs")) + " epochs were done.";
  if (reason == "patience") return "Stopped " + after + ": no better validation score for a while.";
  if (reason == "time_limit") return "Stopped " + after + ": the time limit was reached.";
  if (reason == "interrupted") return "Stopped by a signal " + after + "; it can go on.";
  if (reason == "diverged") return "Diverged " + after + ": a step was not finite. The best weights were kept.";
  if (story.diverged.is_table()) {
    return fmt::format("Diverged before there were weights to keep: {}: {}.", text_in(story.diverged, "where"),
                       text_in(story.diverged, "fact"));
  }
  return fmt::format("Not ended: {} epochs so far.", story.epochs.size());
}

struct Headline {
  std::string title;
  std::string value;
};

/// The figure by which people judge a run: on test rows where there are any.
Headline headline(const RunStory& story) {
  for (const char* part : {"test", "validation"}) {
    const ConfigValue& metrics = table_in(story.done, part);
    for (const MetricName& metric : metrics_in({&metrics})) {
      if (metric.key != "accuracy" && metric.key != "rmse") continue;
      return {fmt::format("{} {}", part, metric.title), metric_text(metric, number_in(metrics, metric.key))};
    }
    if (metrics.is_table()) return {fmt::format("{} loss", part), number_text(number_in(metrics, "loss"))};
  }
  return {};
}

std::string key_figures(const RunStory& story) {
  std::string out = "<dl class=\"key\">\n";
  const auto add = [&](const std::string& title, const std::string& value, bool first = false) {
    out += fmt::format("<div{}><dt>{}</dt><dd>{}</dd></div>\n", first ? " class=\"first\"" : "", escaped(title), value);
  };
  if (const Headline head = headline(story); !head.title.empty()) add(head.title, head.value, true);
  if (story.done.is_table()) {
    add("best epoch", fmt::format("{} <small>of {}</small>", number_text(number_in(story.done, "best_epoch")),
                                  number_text(number_in(story.done, "epochs"))));
    add("time", duration_text(number_in(story.done, "wall_s")));
  }
  add("training rows", number_text(number_in(table_in(story.start, "rows"), "train")));
  add("features", number_text(number_in(story.start, "features")));
  add("parameters", number_text(number_in(story.start, "parameters")));
  return out + "</dl>\n";
}

std::string results_table(const RunStory& story) {
  std::vector<const ConfigValue*> tables;
  for (const char* part : kParts) tables.push_back(&table_in(story.done, part));
  const std::vector<MetricName> metrics = metrics_in(tables);
  HtmlTable table{.head = {"", "rows"}, .css_class = "results"};
  for (const MetricName& metric : metrics) table.head.push_back(escaped(metric.title));
  for (size_t i = 0; i < tables.size(); ++i) {
    if (!tables[i]->is_table()) continue;
    std::vector<std::string> row = {kParts[i], number_text(number_in(*tables[i], "rows"))};
    for (const MetricName& metric : metrics) row.push_back(metric_text(metric, number_in(*tables[i], metric.key)));
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) return "";
  return section("results", "Result", "Measured with the best weights.", to_html(table));
}

std::string warnings_section(const RunStory& story) {
  if (story.warnings.empty()) return "";
  std::string list = "<ul class=\"notes warn\">\n";
  for (const std::string& line : story.warnings) list += "<li>" + escaped(line) + "</li>\n";
  return section("warnings", "Warnings", "", list + "</ul>\n");
}

std::string advice_section(const RunStory& story) {
  if (story.advice.empty()) return "";
  std::string list = "<ul class=\"notes advice\">\n";
  for (const ConfigValue& advice : story.advice) {
    list += fmt::format("<li><strong>{}</strong>: {}<br><small>{}; confidence {} ({})</small>",
                        escaped(text_in(advice, "illness")), escaped(text_in(advice, "says")),
                        escaped(text_in(advice, "evidence")), escaped(text_in(advice, "confidence")),
                        escaped(text_in(advice, "source")));
    if (const std::string command = text_in(advice, "command"); !command.empty())
      list += "<code>" + escaped(command) + "</code>";
    list += "</li>\n";
  }
  return section("advice", "Advice", "What to change next, the best first.", list + "</ul>\n");
}

std::string body_of(const RunStory& story) {
  std::string body = fmt::format(
      "<header><p class=\"kind\">Redbud run</p>\n<h1>{}</h1>\n<p class=\"sum\">{}</p>\n{}</header>\n<main>\n",
      escaped(story.name), escaped(how_it_ended(story)), key_figures(story));
  body += results_table(story) + advice_section(story) + warnings_section(story) + curves_section(story) +
          health_section(story) + outcome_sections(story) + weights_section(story);
  if (!story.config_text.empty())
    body += section("configuration", "Configuration", "", "<pre>" + escaped(story.config_text) + "</pre>\n");
  return body +
         fmt::format("</main>\n<footer>Made by redbud {}. <code>redbud report {}</code> makes it again.</footer>\n",
                     escaped(text_in(story.start, "version")), escaped(story.name));
}

}  // namespace
}  // namespace page

std::string run_page(const RunStory& story) {
  return page::document(story.name + " \xC2\xB7 redbud", page::body_of(story));
}

}  // namespace redbud
