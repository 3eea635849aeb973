#include "redbud/data/targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/sources/cell_text.h"

namespace redbud {
namespace {

constexpr size_t kMostIntegerClasses = 20;
constexpr size_t kMostClasses = 1000;
constexpr size_t kNamesListed = 20;
constexpr double kNearlyAllIntegers = 0.99;  // then the rest are mistakes rather than measurements

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (size_t i = 0; i < names.size() && i < kNamesListed; ++i) list += (i > 0 ? ", " : "") + names[i];
  return names.size() > kNamesListed ? list + fmt::format(" and {} more", names.size() - kNamesListed) : list;
}

/// How often each value occurs; none once there are more than `most`.
std::optional<std::map<double, int64_t>> count_values(const NumberVector& numbers, size_t most) {
  std::map<double, int64_t> counts;
  for (double value : numbers) {
    if (std::isnan(value)) continue;
    ++counts[value + 0.0];  // -0 is 0
    if (counts.size() > most) return std::nullopt;
  }
  return counts;
}

bool is_integer(double value) { return value == std::floor(value) && std::abs(value) < 0x1p53; }

/// A label like 3.5 or 99 where nearly all are the same few integers.
void refuse_odd_label(const RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file) {
  std::map<double, int64_t> integers;
  int64_t others = 0;
  size_t first_other = 0;
  for (size_t i = 0; i < raw.numbers.size(); ++i) {
    const double value = raw.numbers[i];
    if (std::isnan(value)) continue;
    if (is_integer(value)) {
      ++integers[value];
      if (integers.size() > kMostIntegerClasses) return;
    } else if (others++ == 0) {
      first_other = i;
    }
  }
  const double all = static_cast<double>(table.rows - raw.missing);
  if (others == 0 || static_cast<double>(others) > (1 - kNearlyAllIntegers) * all) return;
  throw Error(ErrorKind::Data,
              {.where = place(file, table.lines[first_other], name),
               .fact = fmt::format("a label that is not an integer, where all but {} are", others),
               .found = format_number(raw.numbers[first_other]),
               .expected = fmt::format("one of the {} labels from {} to {}", integers.size(),
                                       format_number(integers.begin()->first), format_number(integers.rbegin()->first)),
               .hint = "--task regression takes all as numbers"});
}

TypedColumn classes_of_numbers(RawColumn& raw, const std::string& name, const std::map<double, int64_t>& values,
                               Schema& schema) {
  TypedColumn typed;
  typed.column = {.name = name, .type = ColumnType::Category, .reason = "", .levels = {}, .missing = raw.missing};
  std::map<double, int32_t> codes;
  for (const auto& [value, count] : values) {
    codes.emplace(value, static_cast<int32_t>(codes.size()));
    typed.column.levels.push_back(format_number(value));
  }
  typed.cells.codes.reserve(raw.numbers.size());
  for (double value : raw.numbers) typed.cells.codes.push_back(std::isnan(value) ? -1 : codes.at(value + 0.0));
  raw.numbers = {};
  schema.classes = typed.column.levels;
  return typed;
}

TypedColumn type_numbers(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file,
                         Schema& schema) {
  auto values = count_values(raw.numbers, schema.task == Task::Classification ? kMostClasses : kMostIntegerClasses);
  const bool integers =
      values && std::all_of(values->begin(), values->end(), [](const auto& v) { return is_integer(v.first); });
  if (schema.task == Task::Classification) {
    if (!values) {
      throw Error(ErrorKind::Data, {.where = file,
                                    .fact = fmt::format("target {} has too many values for classes", quote(name)),
                                    .found = fmt::format("more than {}", kMostClasses),
                                    .hint = "--task regression predicts numbers"});
    }
    return classes_of_numbers(raw, name, *values, schema);
  }
  if (schema.task == Task::Auto) {
    if (integers) {
      schema.task = Task::Classification;
      return classes_of_numbers(raw, name, *values, schema);
    }
    refuse_odd_label(raw, table, name, file);
  }
  schema.task = Task::Regression;
  return type_number_target(raw, table, name, file);
}

TypedColumn type_texts(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file,
                       Schema& schema) {
  const int32_t levels = raw.levels->size();
  const bool most_differ = levels > kFewLevels && 2 * levels > table.rows - raw.missing;
  const bool all_differ = levels == table.rows - raw.missing && table.rows >= kRowsOfIdentifier;
  if (all_differ || most_differ || levels > static_cast<int32_t>(kMostClasses)) {
    throw Error(ErrorKind::Data,
                {.where = file,
                 .fact = fmt::format("target {} has too many texts for classes", quote(name)),
                 .found = fmt::format("{} in {} rows", with_thousands(levels), with_thousands(table.rows)),
                 .expected = "classes that are met in several rows, or numbers",
                 .hint = "--target names another column"});
  }
  schema.task = Task::Classification;
  TypedColumn typed;
  Column& column = typed.column;
  column.name = name;
  column.missing = raw.missing;
  recode(raw.codes, sorted_levels(*raw.levels, column.levels));
  const bool boolean = column.levels.size() == 2 && is_boolean_pair(column.levels[0], column.levels[1]);
  column.type = boolean ? ColumnType::Boolean : ColumnType::Category;
  typed.cells.codes = std::move(raw.codes);
  schema.classes = column.levels;
  return typed;
}

}  // namespace

int find_column(const std::string& wanted, const std::vector<std::string>& names, bool header, const std::string& file,
                const std::string& what) {
  if (const auto found = std::find(names.begin(), names.end(), wanted); found != names.end()) {
    return static_cast<int>(found - names.begin());
  }
  const auto size = static_cast<int64_t>(names.size());
  if (const auto number = parse_integer(wanted)) {
    const int64_t index = *number < 0 ? size + *number : *number;
    if (index >= 0 && index < size) return static_cast<int>(index);
    throw Error(ErrorKind::Data, {.where = file,
                                  .fact = fmt::format("there is no column number {} for {}", *number, what),
                                  .expected = fmt::format("0 to {} or -1 to -{}", size - 1, size)});
  }
  const std::string close = nearest(wanted, names);
  std::string hint = close.empty() ? "" : fmt::format("did you mean {}? ", quote(close));
  hint += "the columns are " + list_of(names);
  if (!header) hint += " (the file has no header: columns go by their numbers)";
  throw Error(ErrorKind::Data,
              {.where = file, .fact = fmt::format("no column is called {} ({})", quote(wanted), what), .hint = hint});
}

TypedColumn type_number_target(RawColumn& raw, const RawTable& table, const std::string& name,
                               const std::string& file) {
  if (raw.role == CellRole::Text) {
    const auto is_text = [&](int32_t code) { return code >= 0 && !parse_number((*raw.levels)[code]); };
    const auto row = static_cast<size_t>(std::find_if(raw.codes.begin(), raw.codes.end(), is_text) - raw.codes.begin());
    RB_ASSERT(row < raw.codes.size());
    throw Error(ErrorKind::Data, {.where = place(file, table.lines[row], name),
                                  .fact = "a target that is not a number",
                                  .found = quote((*raw.levels)[raw.codes[row]]),
                                  .expected = "a number, for regression",
                                  .hint = "--task classification takes texts as classes"});
  }
  TypedColumn typed;
  typed.column = {.name = name, .type = ColumnType::Number, .reason = "", .levels = {}, .missing = raw.missing};
  typed.cells.numbers = std::move(raw.numbers);
  return typed;
}

TypedColumn type_target(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file,
                        Schema& schema) {
  if (raw.missing + raw.odd == table.rows) {
    throw Error(ErrorKind::Data, {.where = file,
                                  .fact = fmt::format("target {} has no value in any row", quote(name)),
                                  .hint = "--target names another column"});
  }
  if (raw.role == CellRole::Number || schema.task == Task::Auto) refuse_odd_number(raw, table, name, file);
  if (schema.task == Task::Regression) return type_number_target(raw, table, name, file);
  return raw.role == CellRole::Number ? type_numbers(raw, table, name, file, schema)
                                      : type_texts(raw, table, name, file, schema);
}

}  // namespace redbud
