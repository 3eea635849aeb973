// How the run went, by epoch.
#include <algorithm>
#include <cmath>

#include "redbud/report/page/markup.h"
#include "redbud/report/page/metric_names.h"
#include "redbud/report/page/sections.h"
#include "redbud/report/record_fields.h"

namespace redbud::page {
namespace {

bool has_any(const std::vector<Point>& points) {
  return std::any_of(points.begin(), points.end(), [](const Point& p) { return std::isfinite(p.y); });
}

std::optional<double> best_epoch(const RunStory& story) {
  std::optional<double> best;
  for (const ConfigValue& epoch : story.epochs) {
    if (flag_in(epoch, "best")) best = number_in(epoch, "epoch");
  }
  return best;
}

std::vector<const ConfigValue*> validations(const RunStory& story) {
  std::vector<const ConfigValue*> tables;
  for (const ConfigValue& epoch : story.epochs) tables.push_back(&table_in(epoch, "validation"));
  return tables;
}

/// A chart of one figure; nothing where no epoch has it.
std::string single(const RunStory& story, LineChart chart, const EpochField& field) {
  chart.series = {{.name = chart.title, .css_class = "main", .points = points_of(story, field)}};
  return has_any(chart.series[0].points) ? to_html(chart) : "";
}

}  // namespace

std::vector<Point> points_of(const RunStory& story, const EpochField& field) {
  std::vector<Point> points;
  for (const ConfigValue& epoch : story.epochs) {
    const ConfigValue& record = field.part.empty() ? epoch : table_in(epoch, field.part);
    points.push_back({number_in(epoch, "epoch"), number_in(record, field.key) / field.unit});
  }
  return points;
}

std::string curves_section(const RunStory& story) {
  if (story.epochs.empty()) return "";
  const std::optional<double> best = best_epoch(story);
  LineChart losses{.id = "losses", .title = "Loss", .y_label = "loss", .mark_x = best};
  losses.series = {{.name = "train", .css_class = "other", .points = points_of(story, {"", "train_loss"})},
                   {.name = "validation", .css_class = "main", .points = points_of(story, {"validation", "loss"})}};
  std::string figures = to_html(losses);
  for (const MetricName& metric : metrics_in(validations(story))) {
    if (metric.key == "loss") continue;
    figures += single(story,
                      {.id = "metric-" + metric.key,
                       .title = "Validation " + metric.title,
                       .y_label = metric.axis_label(),
                       .mark_x = best},
                      {"validation", metric.key, metric.unit()});
  }
  figures += single(story, {.id = "learning-rate", .title = "Learning rate", .y_label = "learning rate"},
                    {"", "learning_rate"});
  figures += single(story, {.id = "speed", .title = "Speed", .y_label = "rows a second"}, {"", "rows_per_s"});
  std::string lead =
      "The training loss is the mean over an epoch\xE2\x80\x99s steps, with dropout and as the weights move; all else "
      "is "
      "measured on the validation rows at the epoch\xE2\x80\x99s end.";
  if (best) lead += " The dotted line is the best epoch, whose weights were kept.";
  return section("curves", "How it went", lead, "<div class=\"figures\">\n" + figures + "</div>\n");
}

}  // namespace redbud::page
