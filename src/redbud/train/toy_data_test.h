#pragma once
// Small data sets and a small network for the tests of this room.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "redbud/core/rng.h"
#include "redbud/data/read.h"
#include "redbud/data/recipe.h"
#include "redbud/layers/mlp.h"

namespace redbud {

struct ToyOptions {
  int64_t rows = 203;
  int64_t features = 6;
  int classes = 3;
  double noise = 1.0;
  uint64_t seed = 1;
};

/// Each class around a point of its own.
inline Dataset toy_classes(const ToyOptions& options = {}) {
  const RandomKey points{.seed = 99};
  const RandomKey noise{.seed = options.seed};
  std::vector<float> x;
  std::vector<int32_t> y;
  std::vector<std::string> names;
  for (int c = 0; c < options.classes; ++c) names.push_back("class " + std::to_string(c));
  for (int64_t n = 0; n < options.rows; ++n) {
    y.push_back(static_cast<int32_t>(n % options.classes));
    for (int64_t k = 0; k < options.features; ++k) {
      const double centre = random_normal(points, y.back() * options.features + k);
      x.push_back(static_cast<float>(centre + options.noise * random_normal(noise, n * options.features + k)));
    }
  }
  return from_arrays(x, options.rows, std::span<const int32_t>(y), names);
}

/// y = 1000 + 50 * (a smooth function of the features)
inline Dataset toy_numbers(const ToyOptions& options = {}) {
  const RandomKey key{.seed = options.seed};
  std::vector<float> x;
  std::vector<float> y;
  for (int64_t n = 0; n < options.rows; ++n) {
    double sum = 0.0;
    for (int64_t k = 0; k < options.features; ++k) {
      const double v = random_normal(key, n * options.features + k);
      sum += std::sin(v);
      x.push_back(static_cast<float>(v));
    }
    y.push_back(static_cast<float>(1000.0 + 50.0 * sum));
  }
  return from_arrays(x, options.rows, std::span<const float>(y));
}

/// Encoded rows for training and validation, and a network for them.
struct Toy {
  Recipe recipe;
  std::unique_ptr<SampleSource> train;
  std::unique_ptr<SampleSource> validation;

  Toy(const Dataset& train_rows, const Dataset& validation_rows)
      : recipe(fit_recipe(train_rows, MissingPolicy::Error)),
        train(encode(train_rows, recipe)),
        validation(encode(validation_rows, recipe)) {}

  /// Of classes that overlap: 203 and 90 rows.
  Toy() : Toy(toy_classes(), toy_classes({.rows = 90, .seed = 2})) {}

  Model model(const MlpConfig& config) const {
    Model m = mlp(config, recipe.schema);
    m.recipe = recipe;
    return m;
  }
  Model model() const { return model({.hidden = {16, 16}, .dropout = 0.2}); }
};

}  // namespace redbud
