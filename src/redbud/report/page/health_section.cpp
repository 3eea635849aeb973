// Gradient health: a figure of each layer at each epoch.
#include <algorithm>
#include <cmath>
#include <limits>

#include "redbud/report/page/heat_map.h"
#include "redbud/report/page/markup.h"
#include "redbud/report/page/sections.h"
#include "redbud/report/record_fields.h"

namespace redbud::page {
namespace {

struct HealthFigure {
  const char* key;
  const char* title;
  const char* note;
  bool is_share = false;
  bool zero_is_worth_a_map = true;
};
constexpr HealthFigure kFigures[] = {
    {"gradient_norm", "Gradients", "norm a weight, at the epoch\xE2\x80\x99s end"},
    {"activation_norm", "Activations", "norm of what each layer gives, an element"},
    {"weight_norm", "Weights", "norm a weight"},
    {"update_ratio", "Update / weight", "how far a step moves the weights; healthy is near 0.001"},
    {"dead", "Dead units", "share that no row of validation moves", true},
    {"saturated", "Saturated units", "share at the flat ends of the activation", true},
    {"norm_out_of_range", "Batch norm out of range", "share of features with unusable statistics", true, false},
};

/// The layers' names, in the order in which they first come.
std::vector<std::string> layers_of(const std::vector<const ConfigValue*>& epochs) {
  std::vector<std::string> names;
  for (const ConfigValue* epoch : epochs) {
    for (const ConfigValue& layer : list_in(*epoch, "health")) {
      const std::string name = text_in(layer, "layer");
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

/// Layers to which the figure doesn't apply are left out.
HeatMap map_of(const HealthFigure& figure, const std::vector<const ConfigValue*>& epochs,
               const std::vector<std::string>& layers) {
  HeatMap map{.id = std::string("health-") + figure.key, .title = figure.title, .note = figure.note};
  map.is_share = figure.is_share;
  for (const ConfigValue* epoch : epochs) map.columns.push_back(number_in(*epoch, "epoch"));
  for (const std::string& layer : layers) {
    std::vector<double> row(epochs.size(), std::numeric_limits<double>::quiet_NaN());
    for (size_t i = 0; i < epochs.size(); ++i) {
      for (const ConfigValue& record : list_in(*epochs[i], "health")) {
        if (text_in(record, "layer") == layer) row[i] = number_in(record, figure.key);
      }
    }
    const auto is_worth_a_row = [&](double v) { return std::isfinite(v) && (v != 0.0 || figure.zero_is_worth_a_map); };
    if (std::none_of(row.begin(), row.end(), is_worth_a_row)) continue;
    map.rows.push_back(layer);
    map.values.push_back(std::move(row));
  }
  return map;
}

}  // namespace

std::string health_section(const RunStory& story) {
  std::vector<const ConfigValue*> epochs;
  for (const ConfigValue& epoch : story.epochs) {
    if (!list_in(epoch, "health").empty()) epochs.push_back(&epoch);
  }
  const std::vector<std::string> layers = layers_of(epochs);
  std::string figures;
  for (const HealthFigure& figure : kFigures) {
    const HeatMap map = map_of(figure, epochs, layers);
    if (!map.rows.empty()) figures += to_html(map);
  }
  if (figures.empty()) return "";
  return section("health", "Gradient health",
                 "A row a layer, the first one on top; a column an epoch. Rows that pale towards the top are gradients "
                 "that vanish, rows that "
                 "darken towards it are gradients that explode.",
                 "<div class=\"figures\">\n" + figures + "</div>\n");
}

}  // namespace redbud::page
