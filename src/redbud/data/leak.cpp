#include "redbud/data/leak.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr int64_t kFewestRows = 20;  // with fewer, chance makes columns look like leaks
constexpr int64_t kRowsAValue = 5;   // rows that each value needs on average
constexpr size_t kMostValues = 50;
constexpr double kRelativeResidual = 1e-6;  // of a straight line: numbers printed with 7 digits

/// The value of a column in a row as a key: levels and missing cells as they are.
double key_of(const TableColumn& column, int64_t row) {
  const auto i = static_cast<size_t>(row);
  if (column.codes.empty()) return std::isnan(column.numbers[i]) ? INFINITY : column.numbers[i];
  return column.codes[i];
}

/// Whether each value is met with one class only, and the values are few and often met. Missing cells count as a value.
bool determines_class(const Dataset& data, const TableColumn& column, const std::vector<int32_t>& classes) {
  std::map<double, int32_t> class_of;
  for (int64_t row : data.selection()) {
    const int32_t label = classes[static_cast<size_t>(row)];
    const auto [found, is_new] = class_of.emplace(key_of(column, row), label);
    if (found->second != label || (is_new && class_of.size() > kMostValues)) return false;
  }
  return static_cast<int64_t>(class_of.size()) * kRowsAValue <= data.rows();
}

/// Whether y = a + b * x in every row, by the line through the first row and the one that is farthest from it among the
/// next ones.
bool is_on_a_line(const Dataset& data, const NumberVector& x, const NumberVector& y) {
  const auto rows = data.selection();
  const auto first = static_cast<size_t>(rows[0]);
  size_t other = first;
  for (int64_t row : rows.first(static_cast<size_t>(kFewestRows))) {
    const auto i = static_cast<size_t>(row);
    if (std::abs(x[i] - x[first]) > std::abs(x[other] - x[first])) other = i;
  }
  if (x[other] == x[first] || y[other] == y[first]) return false;
  const double slope = (y[other] - y[first]) / (x[other] - x[first]);
  return std::all_of(rows.begin(), rows.end(), [&](int64_t row) {
    const auto i = static_cast<size_t>(row);
    const double line = y[first] + slope * (x[i] - x[first]);
    return std::abs(line - y[i]) <=
           kRelativeResidual * (std::abs(y[i]) + std::abs(y[first] - line) + std::abs(y[first]));
  });
}

}  // namespace

std::vector<std::string> find_leaks(const Dataset& data) {
  std::vector<std::string> warnings;
  if (data.table() == nullptr || !data.has_targets() || data.rows() < kFewestRows) return warnings;
  const Schema& schema = data.schema();
  for (size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    if (column.type == ColumnType::LeftOut || schema.is_target(static_cast<int>(i))) continue;
    const TableColumn& cells = data.table()->columns[i];
    for (size_t t = 0; t < schema.targets.size(); ++t) {
      const TableColumn& target = data.table()->columns[static_cast<size_t>(schema.targets[t])];
      const bool leak = schema.task == Task::Classification ? determines_class(data, cells, target.codes)
                        : column.type == ColumnType::Number ? is_on_a_line(data, cells.numbers, target.numbers)
                                                            : false;
      if (!leak) continue;
      warnings.push_back(
          fmt::format("column {}: predicts {} perfectly; if it isn't known when predictions are made, --ignore {}",
                      quote(column.name), quote(schema.target_names[t]), column.name));
    }
  }
  return warnings;
}

}  // namespace redbud
