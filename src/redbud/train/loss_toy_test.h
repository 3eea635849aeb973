#pragma once
// Toy data of every kind of target.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "redbud/losses/choose_loss.h"
#include "redbud/losses/registry.h"
#include "redbud/train/toy_data_test.h"

namespace redbud {

/// y[k] = labels, counts or numbers that depend on the features.
inline Dataset toy_vectors(int64_t rows, uint64_t seed, bool labels, bool counts) {
  const RandomKey key{.seed = seed};
  std::vector<float> x, y;
  for (int64_t n = 0; n < rows; ++n) {
    for (int64_t k = 0; k < 4; ++k) x.push_back(static_cast<float>(random_normal(key, n * 4 + k)));
    for (size_t k = 0; k < 2; ++k) {
      const double v = static_cast<double>(x[x.size() - 1 - k] + x[x.size() - 2 - k]);
      y.push_back(static_cast<float>(labels   ? (v > 0.0 ? 1.0 : 0.0)
                                     : counts ? std::floor(std::exp(1.0 + 0.5 * v))
                                              : v));
    }
  }
  return from_arrays(x, rows, std::span<const float>(y));
}

inline Dataset as_labels(const Dataset& data) {
  Schema schema = data.schema();
  schema.task = Task::MultiLabel;
  ArrayData arrays;
  const auto copy = [](const Tensor& from) {
    Tensor to(DType::F32, from.shape());
    std::ranges::copy(from.values<float>(), to.values<float>().begin());
    return to;
  };
  arrays.inputs = copy(data.arrays()->inputs);
  arrays.numbers = copy(data.arrays()->numbers);
  return {schema, std::make_shared<const ArrayData>(std::move(arrays))};
}

/// Data that a loss is for, and a network that has it.
struct LossToy {
  Recipe recipe;
  std::unique_ptr<SampleSource> train, validation;
  Model model;

  explicit LossToy(const std::string& name, int64_t validation_rows = 203) {
    const auto loss = loss_from_config(name);
    const Task task = task_of(loss->target_kind());
    Dataset data[2];
    for (int part = 0; part < 2; ++part) {
      const uint64_t seed = static_cast<uint64_t>(part) + 1;
      const int64_t rows = part == 0 ? 203 : validation_rows;
      data[part] = task == Task::Classification ? toy_classes({.rows = rows, .seed = seed})
                                                : toy_vectors(rows, seed, task == Task::MultiLabel, name == "poisson");
      if (task == Task::MultiLabel) data[part] = as_labels(data[part]);
    }
    recipe = fit_recipe(data[0], MissingPolicy::Error, nullptr, target_scaling(*loss));
    train = encode(data[0], recipe);
    validation = encode(data[1], recipe);
    model = mlp({.hidden = {16}}, recipe.schema);
    model.recipe = recipe;
    model.loss = loss->config();
  }
};

}  // namespace redbud
