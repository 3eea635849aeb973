#include "redbud/checkpoint/recipe_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "redbud/core/error.h"
#include "redbud/core/text.h"

namespace redbud {
namespace {

[[noreturn]] void refuse(std::string fact, std::string found = {}) {
  throw Error(ErrorKind::Model, {.where = "recipe", .fact = std::move(fact), .found = std::move(found)});
}

const ConfigValue& require(const ConfigValue& table, std::string_view key) {
  if (const ConfigValue* value = table.find(key)) return *value;
  refuse(fmt::format("the key {} is missing", key));
}

// --- names of enumerators ---

template <class E>
struct Name {
  E value;
  std::string_view name;
};
template <class E>
Name(E, const char*) -> Name<E>;  // clang 14 does not deduce the arguments of aggregates
constexpr std::array kColumnTypes = {Name{ColumnType::Number, "number"}, Name{ColumnType::Category, "category"},
                                     Name{ColumnType::Boolean, "boolean"}, Name{ColumnType::LeftOut, "left_out"}};
constexpr std::array kTasks = {Name{Task::Classification, "classification"}, Name{Task::Regression, "regression"},
                               Name{Task::MultiLabel, "multi_label"}};
constexpr std::array kMissing = {Name{MissingPolicy::Error, "error"}, Name{MissingPolicy::Mean, "mean"},
                                 Name{MissingPolicy::Drop, "drop"}};
constexpr std::array kUnseen = {Name{UnseenPolicy::Zeros, "zeros"}, Name{UnseenPolicy::Error, "error"}};

template <class E, size_t N>
std::string name_of(const std::array<Name<E>, N>& names, E value) {
  const auto at = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.value == value; });
  RB_ASSERT(at != names.end());
  return std::string(at->name);
}

template <class E, size_t N>
E value_of(const std::array<Name<E>, N>& names, const ConfigValue& table, std::string_view key) {
  const std::string& text = require(table, key).as_text(key);
  const auto at = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.name == text; });
  if (at == names.end()) refuse(fmt::format("{} has an unknown value", key), quote(text));
  return at->value;
}

// --- lists ---

template <class T>
ConfigValue list_of(const std::vector<T>& values) {
  ConfigValue::List list;
  for (const T& value : values) list.emplace_back(value);
  return list;
}

std::vector<std::string> texts(const ConfigValue& table, std::string_view key) {
  std::vector<std::string> values;
  for (const ConfigValue& item : require(table, key).as_list(key)) values.push_back(item.as_text(key));
  return values;
}

double finite_number(const ConfigValue& value, std::string_view key) {
  const double number = value.as_number(key);
  if (!std::isfinite(number)) refuse(fmt::format("{} is not finite", key));
  return number;
}

std::vector<double> numbers(const ConfigValue& table, std::string_view key) {
  std::vector<double> values;
  for (const ConfigValue& item : require(table, key).as_list(key)) values.push_back(finite_number(item, key));
  return values;
}

/// A whole number in [low, high].
int64_t integer_between(const ConfigValue& table, std::string_view key, int64_t low, int64_t high) {
  const int64_t value = require(table, key).as_integer(key);
  if (value < low || value > high) refuse(fmt::format("{} is out of range", key), fmt::format("{}", value));
  return value;
}

// --- columns ---

ConfigValue to_config(const Column& column) {
  const auto& [name, type, reason, levels, missing] = column;
  ConfigValue table;
  table.set("name", name);
  table.set("type", name_of(kColumnTypes, type));
  table.set("reason", reason);
  if (!levels.empty()) table.set("levels", list_of(levels));
  table.set("missing", missing);
  return table;
}

Column column_from_config(const ConfigValue& table) {
  Column column;
  column.name = require(table, "name").as_text("name");
  column.type = value_of(kColumnTypes, table, "type");
  column.reason = require(table, "reason").as_text("reason");
  if (table.find("levels") != nullptr) column.levels = texts(table, "levels");
  column.missing = integer_between(table, "missing", 0, std::numeric_limits<int64_t>::max());
  return column;
}

ConfigValue to_config(const Schema& schema) {
  const auto& [columns, targets, positional, sample_shape, task, target_names, classes, array_targets, weight] = schema;
  ConfigValue::List columns_list;
  for (const Column& column : columns) columns_list.push_back(to_config(column));
  ConfigValue::List extents;
  for (int64_t extent : sample_shape) extents.emplace_back(extent);
  ConfigValue table;
  table.set("columns", std::move(columns_list));
  table.set("targets", list_of(targets));
  table.set("positional", positional);
  table.set("sample_shape", std::move(extents));
  table.set("task", name_of(kTasks, task));
  table.set("target_names", list_of(target_names));
  table.set("classes", list_of(classes));
  if (!array_targets.empty()) table.set("array_targets", list_of(array_targets));
  if (weight >= 0) table.set("weight", weight);
  return table;
}

Shape shape_from_config(const ConfigValue& table) {
  std::vector<int64_t> extents;
  for (const ConfigValue& item : require(table, "sample_shape").as_list("sample_shape")) {
    extents.push_back(item.as_integer("sample_shape"));
    if (extents.back() < 0) refuse("sample_shape has a negative extent");
  }
  if (extents.size() > static_cast<size_t>(Shape::kMaxRank)) refuse("sample_shape has too many dimensions");
  return Shape(extents);
}

/// As many columns as targets, each of them once, of an array that has the features beside them.
std::vector<int> array_targets_from_config(const ConfigValue& table, const Schema& schema) {
  std::vector<int> columns;
  const int64_t all = schema.features() + static_cast<int64_t>(schema.target_names.size());
  for (const ConfigValue& item : require(table, "array_targets").as_list("array_targets")) {
    const int64_t column = item.as_integer("array_targets");
    const bool again = std::find(columns.begin(), columns.end(), column) != columns.end();
    if (column < 0 || column >= std::min<int64_t>(all, std::numeric_limits<int>::max()) || again) {
      refuse("array_targets names a column that is not there, or twice", fmt::format("{}", column));
    }
    columns.push_back(static_cast<int>(column));
  }
  if (columns.size() != schema.target_names.size()) refuse("array_targets does not have one column a target");
  return columns;
}

Schema schema_from_config(const ConfigValue& table) {
  Schema schema;
  for (const ConfigValue& column : require(table, "columns").as_list("columns")) {
    schema.columns.push_back(column_from_config(column));
  }
  const auto last = static_cast<int64_t>(schema.columns.size()) - 1;
  for (const ConfigValue& item : require(table, "targets").as_list("targets")) {
    const int64_t target = item.as_integer("targets");
    if (target < 0 || target > last) refuse("targets names a column that is not there", fmt::format("{}", target));
    schema.targets.push_back(static_cast<int>(target));
  }
  schema.positional = require(table, "positional").as_bool("positional");
  schema.sample_shape = shape_from_config(table);
  schema.task = value_of(kTasks, table, "task");
  schema.target_names = texts(table, "target_names");
  schema.classes = texts(table, "classes");
  if (table.find("array_targets") != nullptr) schema.array_targets = array_targets_from_config(table, schema);
  if (table.find("weight") != nullptr) {
    schema.weight = static_cast<int>(integer_between(table, "weight", 0, last));
    const bool left_out = schema.columns[static_cast<size_t>(schema.weight)].type == ColumnType::LeftOut;
    if (!left_out || schema.is_target(schema.weight)) refuse("weight names a column that is used otherwise");
  }
  return schema;
}

// --- encodings ---

ConfigValue to_config(const ColumnEncoding& encoding) {
  const auto& [column, mean, scale, seen, mode] = encoding;
  ConfigValue table;
  table.set("column", column);
  table.set("mean", mean);
  table.set("scale", scale);
  if (!seen.empty()) {
    std::string digits;
    for (uint8_t level : seen) digits += level != 0 ? '1' : '0';
    table.set("seen", digits);
  }
  table.set("mode", static_cast<int64_t>(mode));
  return table;
}

/// In a table a column, in arrays a feature.
ColumnEncoding encoding_from_config(const ConfigValue& table, const Schema& schema) {
  const bool is_table = !schema.columns.empty();
  const int64_t columns = is_table ? static_cast<int64_t>(schema.columns.size()) : schema.features();
  constexpr int64_t kMost = std::numeric_limits<int>::max();
  ColumnEncoding encoding;
  encoding.column = static_cast<int>(integer_between(table, "column", 0, std::min(columns - 1, kMost)));
  encoding.mean = finite_number(require(table, "mean"), "mean");
  encoding.scale = finite_number(require(table, "scale"), "scale");
  const Column column = is_table ? schema.columns[static_cast<size_t>(encoding.column)] : Column();
  if (const ConfigValue* seen = table.find("seen")) {
    for (char digit : seen->as_text("seen")) encoding.seen.push_back(digit == '1' ? 1 : 0);
  }
  if (column.type == ColumnType::Category && encoding.seen.size() != column.levels.size()) {
    refuse("seen does not have one digit a level", column.name);
  }
  const auto last_level = std::max<int64_t>(0, static_cast<int64_t>(column.levels.size()) - 1);
  encoding.mode = static_cast<int32_t>(integer_between(table, "mode", 0, last_level));
  return encoding;
}

/// Each column that gives features is encoded once, in the order of the columns; arrays have an encoding a feature, or
/// none.
void check_encodings(const Recipe& recipe) {
  const Schema& schema = recipe.schema;
  std::vector<int> expected;
  for (int i = 0; i < static_cast<int>(schema.columns.size()); ++i) {
    if (!schema.is_target(i) && schema.columns[static_cast<size_t>(i)].type != ColumnType::LeftOut)
      expected.push_back(i);
  }
  if (schema.columns.empty()) {
    for (size_t i = 0; i < recipe.inputs.size(); ++i) expected.push_back(static_cast<int>(i));
    if (!recipe.inputs.empty() && static_cast<int64_t>(recipe.inputs.size()) != schema.features()) expected.clear();
  }
  const bool agree = std::equal(expected.begin(), expected.end(), recipe.inputs.begin(), recipe.inputs.end(),
                                [](int column, const ColumnEncoding& e) { return e.column == column; });
  if (!agree) refuse("the columns and their encodings do not agree");
}

void check_sizes(const Recipe& recipe) {
  const Schema& schema = recipe.schema;
  if (schema.features() < 1) refuse("there are no features");
  if (schema.outputs() < 1) refuse("there are no classes and no targets");
  if (schema.task != Task::Classification && (recipe.target_mean.size() != schema.target_names.size() ||
                                              recipe.target_scale.size() != schema.target_names.size())) {
    refuse("target_mean and target_scale do not have one number a target");
  }
  if (!recipe.feature_names.empty() && static_cast<int64_t>(recipe.feature_names.size()) != schema.features()) {
    refuse("feature_names does not have one name a feature");
  }
  check_encodings(recipe);
}

}  // namespace

ConfigValue to_config(const Recipe& recipe) {
  // Named one by one, here and above, so that a new member that is not saved does not compile.
  const auto& [schema, inputs, number_limit, pixel_mean, pixel_scale, target_mean, target_scale, missing, unseen,
               feature_names] = recipe;
  ConfigValue::List encodings;
  for (const ColumnEncoding& encoding : inputs) encodings.push_back(to_config(encoding));
  ConfigValue table;
  table.set("schema", to_config(schema));
  table.set("inputs", std::move(encodings));
  table.set("number_limit", number_limit);
  table.set("pixel_mean", pixel_mean);
  table.set("pixel_scale", pixel_scale);
  table.set("target_mean", list_of(target_mean));
  table.set("target_scale", list_of(target_scale));
  table.set("missing", name_of(kMissing, missing));
  table.set("unseen", name_of(kUnseen, unseen));
  table.set("feature_names", list_of(feature_names));
  return table;
}

Recipe recipe_from_config(const ConfigValue& config) {
  Recipe recipe;
  recipe.schema = schema_from_config(require(config, "schema"));
  for (const ConfigValue& encoding : require(config, "inputs").as_list("inputs")) {
    recipe.inputs.push_back(encoding_from_config(encoding, recipe.schema));
  }
  recipe.number_limit = finite_number(require(config, "number_limit"), "number_limit");
  recipe.pixel_mean = finite_number(require(config, "pixel_mean"), "pixel_mean");
  recipe.pixel_scale = finite_number(require(config, "pixel_scale"), "pixel_scale");
  recipe.target_mean = numbers(config, "target_mean");
  recipe.target_scale = numbers(config, "target_scale");
  recipe.missing = value_of(kMissing, config, "missing");
  recipe.unseen = value_of(kUnseen, config, "unseen");
  recipe.feature_names = texts(config, "feature_names");
  check_sizes(recipe);
  return recipe;
}

}  // namespace redbud
