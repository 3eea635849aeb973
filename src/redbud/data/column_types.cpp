#include "redbud/data/column_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/sources/cell_text.h"

namespace redbud {
namespace {

std::string count_of(int64_t part, int64_t whole, const char* what) {
  return fmt::format("{} of {} cells {}", with_thousands(part), with_thousands(whole), what);
}

/// Of the first row that holds a text of which `is_it` is true.
template <class Predicate>
NotedCell first_text(const RawColumn& raw, const RawTable& table, Predicate is_it) {
  std::vector<bool> wanted(static_cast<size_t>(raw.levels->size()));
  for (int32_t code = 0; code < raw.levels->size(); ++code)
    wanted[static_cast<size_t>(code)] = is_it((*raw.levels)[code]);
  const auto found = std::find_if(raw.codes.begin(), raw.codes.end(),
                                  [&](int32_t code) { return code >= 0 && wanted[static_cast<size_t>(code)]; });
  RB_ASSERT(found != raw.codes.end());
  const int64_t row = found - raw.codes.begin();
  return {row, table.lines[static_cast<size_t>(row)], std::string((*raw.levels)[*found])};
}

[[noreturn]] void refuse_cell(const NotedCell& cell, const std::string& name, const std::string& file) {
  const bool foreign = is_foreign_number(cell.text);
  throw Error(ErrorKind::Data,
              {.where = place(file, cell.line, name),
               .fact = foreign ? "a number in a form that is not read" : "not a number",
               .found = quote(cell.text),
               .expected = "digits with a decimal point, as the column's other cells have",
               .hint = fmt::format("--ignore {} leaves the column out, --skip-bad-rows such rows", name)});
}

TypedColumn left_out(const std::string& name, int64_t missing, std::string reason, std::string warning = "") {
  return {.column = {.name = name,
                     .type = ColumnType::LeftOut,
                     .reason = "left out: " + std::move(reason),
                     .levels = {},
                     .missing = missing},
          .cells = {},
          .warning = std::move(warning)};
}

TypedColumn left_out_constant(const std::string& name, int64_t missing, const std::string& value) {
  const std::string reason = fmt::format("every cell {}is {}", missing > 0 ? "that has a value " : "", value);
  return left_out(name, missing, reason, fmt::format("column {}: left out, {}", quote(name), reason));
}

bool counts_up(const NumberVector& numbers) {
  if (static_cast<int64_t>(numbers.size()) < kRowsOfIdentifier || numbers[0] != std::floor(numbers[0])) return false;
  for (size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] != numbers[i - 1] + 1) return false;
  }
  return true;
}

TypedColumn type_numbers(RawColumn& raw, const RawTable& table, const std::string& name) {
  const int64_t missing = raw.missing;
  if (missing + raw.odd == table.rows) {
    const std::string reason = "no cell has a value";
    return left_out(name, missing, reason, fmt::format("column {}: left out, {}", quote(name), reason));
  }
  const auto& numbers = raw.numbers;
  const double first = *std::find_if(numbers.begin(), numbers.end(), [](double v) { return !std::isnan(v); });
  const bool constant =
      std::all_of(numbers.begin(), numbers.end(), [&](double v) { return std::isnan(v) || v == first; });
  if (constant && table.rows > 1) return left_out_constant(name, missing, format_number(first));
  if (missing == 0 && counts_up(numbers)) return left_out(name, missing, "an identifier, its integers count up by one");
  TypedColumn typed;
  typed.column = {.name = name,
                  .type = ColumnType::Number,
                  .reason = count_of(table.rows - missing - raw.odd, table.rows, "are numbers"),
                  .levels = {},
                  .missing = missing};
  typed.cells.numbers = std::move(raw.numbers);
  return typed;
}

/// Why a column of texts is left out; "" if it isn't.
std::string reason_to_leave_out(const RawColumn& raw, const RawTable& table) {
  const int64_t levels = raw.levels->size();
  if (levels == table.rows && table.rows >= kRowsOfIdentifier) return "an identifier, its text is unique in every row";
  bool dates = true;
  for (int32_t code = 0; code < levels && dates; ++code) dates = is_date((*raw.levels)[code]);
  if (dates) return "dates or times";
  if (levels > kMaxLevels) {
    return fmt::format("{} distinct texts, more than {} can't be learned", with_thousands(levels),
                       with_thousands(kMaxLevels));
  }
  if (levels > kFewLevels && 2 * levels > table.rows - raw.missing) {
    return fmt::format("{} distinct texts in {} cells, most are met once", with_thousands(levels),
                       with_thousands(table.rows - raw.missing));
  }
  return "";
}

TypedColumn type_texts(RawColumn& raw, const RawTable& table, const std::string& name) {
  if (raw.levels->size() == 1 && table.rows > 1) return left_out_constant(name, raw.missing, quote((*raw.levels)[0]));
  if (std::string reason = reason_to_leave_out(raw, table); !reason.empty())
    return left_out(name, raw.missing, std::move(reason));
  TypedColumn typed;
  Column& column = typed.column;
  column.name = name;
  column.missing = raw.missing;
  recode(raw.codes, sorted_levels(*raw.levels, column.levels));
  const bool boolean = column.levels.size() == 2 && is_boolean_pair(column.levels[0], column.levels[1]);
  column.type = boolean ? ColumnType::Boolean : ColumnType::Category;
  column.reason = boolean ? fmt::format("{} or {}", column.levels[0], column.levels[1])
                          : fmt::format("{} distinct texts in {} cells", column.levels.size(),
                                        with_thousands(table.rows - raw.missing));
  typed.cells.codes = std::move(raw.codes);
  return typed;
}

}  // namespace

std::vector<int64_t> level_counts(const RawColumn& column) {
  std::vector<int64_t> counts(static_cast<size_t>(column.levels->size()));
  for (int32_t code : column.codes) {
    if (code >= 0) ++counts[static_cast<size_t>(code)];
  }
  return counts;
}

NumberShares number_shares(const RawColumn& column) {
  const std::vector<int64_t> counts = level_counts(column);
  int64_t own = 0;
  int64_t foreign = 0;
  int64_t all = 0;
  for (int32_t code = 0; code < column.levels->size(); ++code) {
    const std::string_view text = (*column.levels)[code];
    const int64_t count = counts[static_cast<size_t>(code)];
    all += count;
    if (parse_number(text)) {
      own += count;
    } else if (is_foreign_number(text)) {
      foreign += count;
    }
  }
  if (all == 0) return {};
  return {static_cast<double>(own) / static_cast<double>(all), static_cast<double>(foreign) / static_cast<double>(all)};
}

std::vector<int32_t> sorted_levels(const LevelTable& met, std::vector<std::string>& levels) {
  levels.clear();
  for (int32_t code = 0; code < met.size(); ++code) levels.emplace_back(met[code]);
  sort_levels(levels);
  if (levels.size() == 2 && is_boolean_pair(levels[1], levels[0])) std::swap(levels[0], levels[1]);  // "no", "Yes"
  LevelTable order;
  for (const std::string& level : levels) order.code(level);
  std::vector<int32_t> to;
  for (int32_t code = 0; code < met.size(); ++code) to.push_back(order.code(met[code]));
  return to;
}

void recode(std::vector<int32_t>& codes, const std::vector<int32_t>& to) {
  for (int32_t& code : codes) {
    if (code >= 0) code = to[static_cast<size_t>(code)];
  }
}

void refuse_odd_number(const RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file) {
  if (raw.role == CellRole::Number && raw.odd > 0 && raw.odd_rows.empty()) refuse_cell(*raw.first_odd, name, file);
  if (raw.role == CellRole::Text) {
    const NumberShares shares = number_shares(raw);
    if (shares.own + shares.foreign < kNumbersOfANumberColumn) return;
    refuse_cell(first_text(raw, table, [](std::string_view text) { return !parse_number(text); }), name, file);
  }
  if (raw.first_too_large) {
    const bool infinite = std::isinf(*parse_number(raw.first_too_large->text));
    throw Error(ErrorKind::Data, {.where = place(file, raw.first_too_large->line, name),
                                  .fact = infinite ? "not a finite number" : "larger than a 32-bit float can be",
                                  .found = raw.first_too_large->text,
                                  .expected = "at most 3.4e38 either way",
                                  .hint = "an empty cell is taken as missing; --skip-bad-rows leaves the row out"});
  }
}

TypedColumn type_input(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file) {
  refuse_odd_number(raw, table, name, file);
  return raw.role == CellRole::Number ? type_numbers(raw, table, name) : type_texts(raw, table, name);
}

}  // namespace redbud
