#include "redbud/data/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "redbud/core/text.h"
#include "redbud/data/sources/cell_text.h"

namespace redbud {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void refuse_cell(const RawTable& table, size_t row, const std::string& name, const std::string& file,
                              const std::string& found) {
  throw Error(ErrorKind::Data, {.where = place(file, table.lines[row], name),
                                .fact = "not a label",
                                .found = found,
                                .expected = "0 or 1, or no or yes, as each of several targets has it",
                                .hint = "--task regression predicts numbers"});
}

void check_numbers(const RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file) {
  const auto is_odd = [](double v) { return !std::isnan(v) && v != 0.0 && v != 1.0; };
  const auto odd = std::find_if(raw.numbers.begin(), raw.numbers.end(), is_odd);
  if (odd == raw.numbers.end()) return;
  refuse_cell(table, static_cast<size_t>(odd - raw.numbers.begin()), name, file, format_number(*odd));
}

/// 0 or 1 for each text.
std::vector<double> values_of_texts(const RawColumn& raw, const RawTable& table, const std::string& name,
                                    const std::string& file) {
  std::vector<double> values;
  for (int32_t code = 0; code < raw.levels->size(); ++code) {
    const std::string_view text = (*raw.levels)[code];
    const auto number = parse_number(text);
    const auto boolean = parse_boolean(text);
    if (!boolean && !(number && (*number == 0.0 || *number == 1.0))) {
      const auto row = std::find(raw.codes.begin(), raw.codes.end(), code) - raw.codes.begin();
      if (row < static_cast<std::ptrdiff_t>(raw.codes.size())) {
        refuse_cell(table, static_cast<size_t>(row), name, file, quote(text));
      }
    }
    values.push_back(boolean ? (*boolean ? 1.0 : 0.0) : number.value_or(kMissing));
  }
  return values;
}

NumberVector labels_of(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file) {
  if (raw.role == CellRole::Number) {
    refuse_odd_number(raw, table, name, file);
    check_numbers(raw, table, name, file);
    return std::move(raw.numbers);
  }
  const std::vector<double> values = values_of_texts(raw, table, name, file);
  NumberVector labels;
  labels.reserve(raw.codes.size());
  for (const int32_t code : raw.codes) labels.push_back(code < 0 ? kMissing : values[static_cast<size_t>(code)]);
  return labels;
}

}  // namespace

TypedColumn type_label(RawColumn& raw, const RawTable& table, const std::string& name, const std::string& file) {
  TypedColumn typed;
  typed.column = {.name = name, .type = ColumnType::Number, .reason = "", .levels = {}, .missing = raw.missing};
  if (raw.role == CellRole::Text) {
    typed.column.type = ColumnType::Boolean;
    static_cast<void>(sorted_levels(*raw.levels, typed.column.levels));
  }
  typed.cells.numbers = labels_of(raw, table, name, file);
  const auto has = [&](double value) {
    return std::find(typed.cells.numbers.begin(), typed.cells.numbers.end(), value) != typed.cells.numbers.end();
  };
  if (!has(0.0) || !has(1.0)) {
    throw Error(ErrorKind::Data, {.where = file,
                                  .fact = fmt::format("target {} has one label only", quote(name)),
                                  .found = has(0.0)   ? "0"
                                           : has(1.0) ? "1"
                                                      : "no value",
                                  .expected = "rows of both"});
  }
  return typed;
}

NumberVector labels_like(const Column& type, RawColumn& raw, const RawTable& table, const std::string& file) {
  return labels_of(raw, table, type.name, file);
}

}  // namespace redbud
