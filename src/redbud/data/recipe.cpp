#include "redbud/data/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/data/spread.h"

namespace redbud {
namespace {

// Wide enough for any bell-shaped column; it cuts the typing errors and the long tails that spoil a validation score.
constexpr double kNumberLimit = 5.0;

/// A column that is constant in training tells nothing: scale 0 keeps what it holds later from weights that never
/// learned it.
ColumnEncoding standardise(int column, const Spread& spread) {
  ColumnEncoding encoding;
  encoding.column = column;
  encoding.mean = spread.mean;
  encoding.scale = spread.is_constant() ? 0.0 : 1.0 / spread.deviation;
  return encoding;
}

void warn(std::vector<std::string>* warnings, std::string text) {
  if (warnings != nullptr) warnings->push_back(std::move(text));
}

ColumnEncoding fit_levels(const Dataset& train, int column, const Column& type, std::vector<std::string>* warnings) {
  const auto& codes = train.table()->columns[static_cast<size_t>(column)].codes;
  std::vector<int64_t> counts(type.levels.size());
  for (int64_t row : train.selection()) {
    const int32_t code = codes[static_cast<size_t>(row)];
    if (code >= 0) ++counts[static_cast<size_t>(code)];
  }
  ColumnEncoding encoding;
  encoding.column = column;
  encoding.seen.resize(counts.size());
  std::transform(counts.begin(), counts.end(), encoding.seen.begin(), [](int64_t n) { return n > 0 ? 1 : 0; });
  const auto commonest = std::max_element(counts.begin(), counts.end());
  encoding.mode = static_cast<int32_t>(commonest - counts.begin());
  if (*commonest == train.rows()) {
    warn(warnings, fmt::format("column {}: constant among the rows for training", quote(type.name)));
  }
  return encoding;
}

Spread column_spread(const Dataset& train, int column) {
  return spread_of_rows(train.table()->columns[static_cast<size_t>(column)].numbers.data(), train.selection());
}

ColumnEncoding fit_number(const Dataset& train, int column, std::vector<std::string>* warnings) {
  const Spread spread = column_spread(train, column);
  if (spread.is_constant()) {
    const Column& type = train.schema().columns[static_cast<size_t>(column)];
    warn(warnings, fmt::format("column {}: {} among the rows for training", quote(type.name),
                               spread.count == 0 ? "no value" : "constant"));
  }
  return standardise(column, spread);
}

void fit_table(const Dataset& train, Recipe& recipe, std::vector<std::string>* warnings) {
  const Schema& schema = train.schema();
  for (int i = 0; i < static_cast<int>(schema.columns.size()); ++i) {
    const Column& column = schema.columns[static_cast<size_t>(i)];
    if (column.type == ColumnType::LeftOut || schema.is_target(i)) continue;
    if (column.type == ColumnType::Number) {
      recipe.inputs.push_back(fit_number(train, i, warnings));
      recipe.feature_names.push_back(column.name);
      continue;
    }
    recipe.inputs.push_back(fit_levels(train, i, column, warnings));
    if (column.type == ColumnType::Boolean) {
      recipe.feature_names.push_back(column.name);
    } else {
      for (const std::string& level : column.levels) recipe.feature_names.push_back(column.name + "=" + level);
    }
  }
}

/// Bytes are pixels; numbers are standardised, each feature of a row by itself where rows have no other shape.
void fit_arrays(const Dataset& train, Recipe& recipe) {
  const Tensor& inputs = train.arrays()->inputs;
  const int64_t width = train.schema().sample_shape.elements();
  if (inputs.type() == DType::U8) {
    recipe.pixel_scale = 1.0 / 255;
    return;
  }
  const auto values = inputs.values<float>();
  const auto rows = train.selection();
  const auto at = [&](int64_t row, int64_t feature) -> double {
    return values[static_cast<size_t>(rows[static_cast<size_t>(row)] * width + feature)];
  };
  if (train.schema().sample_shape.rank() > 1) {
    const Spread spread = spread_of(train.rows() * width, [&](int64_t i) { return at(i / width, i % width); });
    recipe.pixel_mean = spread.mean;
    recipe.pixel_scale = spread.is_constant() ? 0.0 : 1.0 / spread.deviation;
    return;
  }
  for (int64_t feature = 0; feature < width; ++feature) {
    recipe.inputs.push_back(
        standardise(static_cast<int>(feature), spread_of(train.rows(), [&](int64_t i) { return at(i, feature); })));
    recipe.feature_names.push_back(fmt::format("x{}", feature));
  }
}

/// Of arrays.
double target_value(const Dataset& data, int64_t i, size_t target) {
  const auto row = static_cast<size_t>(data.selection()[static_cast<size_t>(i)]);
  return data.arrays()->numbers.values<float>()[row * data.schema().target_names.size() + target];
}

Spread target_spread(const Dataset& train, size_t target) {
  if (train.table() == nullptr) {
    return spread_of(train.rows(), [&](int64_t i) { return target_value(train, i, target); });
  }
  return column_spread(train, train.schema().targets[target]);
}

int32_t class_of(const Dataset& data, int64_t i) {
  const auto row = static_cast<size_t>(data.selection()[static_cast<size_t>(i)]);
  if (data.arrays() != nullptr) return data.arrays()->classes[row];
  return data.table()->columns[static_cast<size_t>(data.schema().targets[0])].codes[row];
}

double least_target(const Dataset& train, size_t target) {
  double least = INFINITY;
  if (train.table() == nullptr) {
    for (int64_t i = 0; i < train.rows(); ++i) least = std::min(least, target_value(train, i, target));
    return least;
  }
  const auto& numbers = train.table()->columns[static_cast<size_t>(train.schema().targets[target])].numbers;
  for (const int64_t row : train.selection()) least = std::min(least, numbers[static_cast<size_t>(row)]);
  return least;
}

/// The mean of the target, as its unit.
double fit_rate(const Dataset& train, size_t target, const Spread& spread) {
  const double least = least_target(train, target);
  if (least >= 0.0 && spread.mean > 0.0) return spread.mean;
  throw Error(ErrorKind::Data,
              {.where = train.source,
               .fact = fmt::format("target {} is no count or rate", quote(train.schema().target_names[target])),
               .found = least < 0.0 ? format_number(least) : "0 in every row",
               .expected = "numbers of at least 0, not all of them 0"});
}

void fit_target(const Dataset& train, size_t target, TargetScaling scaling, const Spread& spread, Recipe& recipe) {
  const bool standardised = scaling == TargetScaling::Standardise && train.schema().task != Task::MultiLabel;
  double scale = 1.0;
  if (standardised && !spread.is_constant()) scale = spread.deviation;
  if (scaling == TargetScaling::ByMean) scale = fit_rate(train, target, spread);
  recipe.target_mean.push_back(standardised ? spread.mean : 0.0);
  recipe.target_scale.push_back(scale);
}

void fit_targets(const Dataset& train, TargetScaling scaling, Recipe& recipe, std::vector<std::string>* warnings) {
  const Schema& schema = train.schema();
  if (schema.task == Task::Classification) {
    const int32_t first = class_of(train, 0);
    for (int64_t i = 1; i < train.rows(); ++i) {
      if (class_of(train, i) != first) return;
    }
    throw Error(ErrorKind::Data, {.where = train.source,
                                  .fact = "the rows for training have one class only",
                                  .found = first < 0 ? "" : quote(schema.classes[static_cast<size_t>(first)]),
                                  .expected = "at least two"});
  }
  for (size_t target = 0; target < schema.target_names.size(); ++target) {
    const Spread spread = target_spread(train, target);
    if (spread.count != train.rows() || !std::isfinite(spread.mean) || !std::isfinite(spread.deviation)) {
      throw Error(ErrorKind::Data, {.where = train.source,
                                    .fact = fmt::format("target {} holds values that are not finite",
                                                        quote(schema.target_names[target]))});
    }
    if (spread.is_constant()) {
      warn(warnings,
           fmt::format("target {}: constant among the rows for training", quote(schema.target_names[target])));
    }
    fit_target(train, target, scaling, spread, recipe);
  }
}

}  // namespace

Recipe fit_recipe(const Dataset& train, MissingPolicy missing, std::vector<std::string>* warnings,
                  TargetScaling targets) {
  if (train.rows() == 0)
    throw Error(ErrorKind::Data, {.where = train.source, .fact = "there are no rows for training"});
  Recipe recipe;
  recipe.schema = train.schema();
  recipe.missing = missing;
  if (train.table() != nullptr) {
    recipe.number_limit = kNumberLimit;
    fit_table(train, recipe, warnings);
  } else {
    fit_arrays(train, recipe);
  }
  if (train.has_targets()) fit_targets(train, targets, recipe, warnings);
  return recipe;
}

}  // namespace redbud
