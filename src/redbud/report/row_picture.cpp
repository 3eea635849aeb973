#include "redbud/report/row_picture.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace redbud {
namespace {

constexpr int64_t kMostExtent = 64;
constexpr double kLevels = 15.0;

bool is_picture(const Recipe& recipe, const BatchType& type) {
  const Shape& shape = recipe.schema.sample_shape;
  return recipe.schema.columns.empty() && shape.rank() == 2 && shape[0] <= kMostExtent && shape[1] <= kMostExtent &&
         type.inputs.size() == 1 && type.targets.size() == 1 && type.inputs[0].width() == shape.elements();
}

std::vector<float> values_of(const SampleSource& source, int64_t row) {
  const BatchType& type = source.type();
  std::vector<float> x(static_cast<size_t>(type.inputs[0].width()));
  std::vector<float> target(static_cast<size_t>(type.targets[0].width()));  // of classes, indices of the same size
  float weight = 1.0F;
  source.gather(std::span(&row, 1), {.inputs = {{x.data(), type.inputs[0].width()}},
                                     .targets = {{target.data(), type.targets[0].width()}},
                                     .weights = type.weighted ? &weight : nullptr});
  return x;
}

}  // namespace

ConfigValue row_picture(const Recipe& recipe, const SampleSource& source, int64_t row) {
  if (!is_picture(recipe, source.type())) return {};
  const std::vector<float> x = values_of(source, row);
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double scale = *high > *low ? kLevels / (static_cast<double>(*high) - *low) : 0.0;
  std::string levels;
  for (const float value : x) {
    const double level = std::clamp((static_cast<double>(value) - *low) * scale, 0.0, kLevels);
    levels += "0123456789abcdef"[std::lround(level)];
  }
  ConfigValue picture;
  picture.set("height", recipe.schema.sample_shape[0]);
  picture.set("width", recipe.schema.sample_shape[1]);
  picture.set("levels", levels);
  return picture;
}

}  // namespace redbud
