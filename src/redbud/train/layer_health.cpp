#include "redbud/train/layer_health.h"

#include <array>
#include <cmath>

namespace redbud {
namespace {

struct Figure {
  const char* key;
  std::optional<double> LayerHealth::*member;
};
constexpr std::array kFigures = {
    Figure{"activation_norm", &LayerHealth::activation_norm},
    Figure{"gradient_norm", &LayerHealth::gradient_norm},
    Figure{"weight_norm", &LayerHealth::weight_norm},
    Figure{"update_ratio", &LayerHealth::update_ratio},
    Figure{"dead", &LayerHealth::dead},
    Figure{"saturated", &LayerHealth::saturated},
    Figure{"norm_out_of_range", &LayerHealth::norm_out_of_range},
};

}  // namespace

ConfigValue to_config(const LayerHealth& health) {
  ConfigValue config;
  config.set("layer", health.layer);
  for (const Figure& figure : kFigures) {
    const std::optional<double>& value = health.*figure.member;
    config.set(figure.key, value && std::isfinite(*value) ? ConfigValue(*value) : ConfigValue());
  }
  return config;
}

LayerHealth layer_health_from_config(const ConfigValue& config) {
  LayerHealth health;
  if (const ConfigValue* layer = config.find("layer")) health.layer = layer->as_text("layer");
  for (const Figure& figure : kFigures) {
    const ConfigValue* value = config.find(figure.key);
    if (value != nullptr && !value->is_null()) health.*figure.member = value->as_number(figure.key);
  }
  return health;
}

}  // namespace redbud
