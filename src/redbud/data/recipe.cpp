#include "redbud/data/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

// Wide enough for any bell-shaped column; it cuts the typing errors and the long tails that spoil a validation score.
constexpr double kNumberLimit = 5.0;

/// Below these a spread is rounding, not information.
constexpr double kRelativeSpread = 1e-12;
constexpr double kLeastSpread = 1e-37;

struct Spread {
  double mean = 0.0;
  double deviation = 0.0;
  int64_t count = 0;
  bool is_constant() const { return !(deviation > std::max(kRelativeSpread * std::abs(mean), kLeastSpread)); }
};

/// Mean and standard deviation of value(0..count-1), NaN passed over; two sweeps, in double.
template <class Value>
Spread spread_of(int64_t count, Value value) {
  Spread spread;
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double v = value(i);
    if (std::isnan(v)) continue;
    sum += v;
    ++spread.count;
  }
  if (spread.count == 0) return spread;
  const auto n = static_cast<double>(spread.count);
  spread.mean = sum / n;
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double v = value(i);
    if (!std::isnan(v)) squares += (v - spread.mean) * (v - spread.mean);
  }
  spread.deviation = std::sqrt(squares / n);
  return spread;
}

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

constexpr size_t kTogether = 4;  // an addition waits for the one before it, but not for those of other columns
using Numbers = std::array<const double*, kTogether>;

/// spread_of for some columns at once.
std::array<Spread, kTogether> spreads_of(const Numbers& numbers, std::span<const int64_t> rows) {
  std::array<double, kTogether> sum{};
  std::array<int64_t, kTogether> count{};
  for (const int64_t row : rows) {
    for (size_t k = 0; k < kTogether; ++k) {
      const double v = numbers[k][row];
      sum[k] += v == v ? v : 0.0;
      count[k] += v == v ? 1 : 0;
    }
  }
  std::array<double, kTogether> mean{};
  for (size_t k = 0; k < kTogether; ++k) mean[k] = count[k] > 0 ? sum[k] / static_cast<double>(count[k]) : 0.0;
  std::array<double, kTogether> squares{};
  for (const int64_t row : rows) {
    for (size_t k = 0; k < kTogether; ++k) {
      const double v = numbers[k][row];
      squares[k] += v == v ? (v - mean[k]) * (v - mean[k]) : 0.0;
    }
  }
  std::array<Spread, kTogether> spreads;
  for (size_t k = 0; k < kTogether; ++k) {
    const double variance = count[k] > 0 ? squares[k] / static_cast<double>(count[k]) : 0.0;
    spreads[k] = {.mean = mean[k], .deviation = std::sqrt(variance), .count = count[k]};
  }
  return spreads;
}

/// Of the columns of numbers that are inputs, in their order.
std::vector<Spread> number_spreads(const Dataset& train) {
  const Schema& schema = train.schema();
  std::vector<const double*> columns;
  for (int i = 0; i < static_cast<int>(schema.columns.size()); ++i) {
    if (schema.columns[static_cast<size_t>(i)].type != ColumnType::Number || schema.is_target(i)) continue;
    columns.push_back(train.table()->columns[static_cast<size_t>(i)].numbers.data());
  }
  std::vector<Spread> spreads;
  while (spreads.size() < columns.size()) {
    Numbers together;
    for (size_t k = 0; k < kTogether; ++k) together[k] = columns[std::min(spreads.size() + k, columns.size() - 1)];
    const size_t wanted = std::min(kTogether, columns.size() - spreads.size());
    const std::array<Spread, kTogether> found = spreads_of(together, train.selection());
    spreads.insert(spreads.end(), found.begin(), found.begin() + static_cast<std::ptrdiff_t>(wanted));
  }
  return spreads;
}

ColumnEncoding fit_number(int column, const Column& type, const Spread& spread, std::vector<std::string>* warnings) {
  if (spread.is_constant()) {
    warn(warnings, fmt::format("column {}: {} among the rows for training", quote(type.name),
                               spread.count == 0 ? "no value" : "constant"));
  }
  return standardise(column, spread);
}

void fit_table(const Dataset& train, Recipe& recipe, std::vector<std::string>* warnings) {
  const Schema& schema = train.schema();
  const std::vector<Spread> spreads = number_spreads(train);
  auto spread = spreads.begin();
  for (int i = 0; i < static_cast<int>(schema.columns.size()); ++i) {
    const Column& column = schema.columns[static_cast<size_t>(i)];
    if (column.type == ColumnType::LeftOut || schema.is_target(i)) continue;
    if (column.type == ColumnType::Number) {
      recipe.inputs.push_back(fit_number(i, column, *spread++, warnings));
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
  Numbers same;
  same.fill(train.table()->columns[static_cast<size_t>(train.schema().targets[target])].numbers.data());
  return spreads_of(same, train.selection())[0];
}

int32_t class_of(const Dataset& data, int64_t i) {
  const auto row = static_cast<size_t>(data.selection()[static_cast<size_t>(i)]);
  if (data.arrays() != nullptr) return data.arrays()->classes[row];
  return data.table()->columns[static_cast<size_t>(data.schema().targets[0])].codes[row];
}

void fit_targets(const Dataset& train, Recipe& recipe, std::vector<std::string>* warnings) {
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
    recipe.target_mean.push_back(spread.mean);
    recipe.target_scale.push_back(spread.is_constant() ? 1.0 : spread.deviation);
  }
}

}  // namespace

Recipe fit_recipe(const Dataset& train, MissingPolicy missing, std::vector<std::string>* warnings) {
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
  if (train.has_targets()) fit_targets(train, recipe, warnings);
  return recipe;
}

}  // namespace redbud
