#include "redbud/data/sources/csv_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/sources/cell_text.h"
#include "redbud/data/sources/decimal.h"

namespace redbud {
namespace {

constexpr int64_t kWorthReserving = 200'000;  // rows at once
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
static_assert(CsvScanner::kSlack >= CsvNumberRows::kSlack);
constexpr size_t kRawBytesKept = 64 * 1024;  // of a row that is left out

}  // namespace

void RawTable::clear_rows() {
  rows = 0;
  lines.clear();
  for (RawColumn& column : columns) {
    RawColumn empty;
    empty.role = column.role;
    empty.fixed = column.fixed;
    empty.levels = std::move(column.levels);
    empty.numbers = std::move(column.numbers);
    empty.codes = std::move(column.codes);
    empty.numbers.clear();
    empty.codes.clear();
    column = std::move(empty);
  }
}

/// So that memory need not move while a large file is read.
void CsvTableReader::reserve(RawTable& table) const {
  constexpr double kMargin = 1.02;
  if (!file_ || file_->is_packed() || bytes_a_row_ == 0) return;
  const double rows = kMargin * static_cast<double>(file_->file_bytes()) / bytes_a_row_ + 16;
  const auto count = static_cast<size_t>(rows);
  table.lines.reserve(count);
  for (RawColumn& column : table.columns) {
    if (column.role == CellRole::Number) column.numbers.reserve(count);
    if (column.role == CellRole::Text) column.codes.reserve(count);
  }
}

void CsvTableReader::reject(ErrorText fault) {
  if (!options_.skip_bad_rows) {
    if (fault.hint.empty()) fault.hint = "--skip-bad-rows leaves such rows out";
    throw Error(ErrorKind::Data, std::move(fault));
  }
  fault.where.clear();
  fault.hint.clear();
  rejects_.push_back({scanner_.line(), to_line(fault), std::string(scanner_.raw().substr(0, kRawBytesKept))});
}

bool CsvTableReader::next_row() {
  while (true) {
    const CsvScanner::Found found = scanner_.next();
    if (found == CsvScanner::Found::End) return false;
    if (found == CsvScanner::Found::BadRecord) {
      reject(scanner_.fault());
      continue;
    }
    if (scanner_.cells().size() == names_.size()) return true;
    reject({.where = place(file(), scanner_.line()),
            .fact = fmt::format("the row that begins at byte {} has {} field{}", scanner_.offset(),
                                scanner_.cells().size(), scanner_.cells().size() == 1 ? "" : "s"),
            .expected = std::to_string(names_.size())});
  }
}

void CsvTableReader::begin_rows(RawTable& table, int64_t max_rows) {
  header_taken_ = true;
  if (dialect_.header) scanner_.next();
  if (max_rows > kWorthReserving) reserve(table);
  const bool all_numbers = std::all_of(table.columns.begin(), table.columns.end(),
                                       [](const RawColumn& column) { return column.role == CellRole::Number; });
  if (all_numbers && dialect_.separator != kBlanks) {
    numbers_.emplace(static_cast<int64_t>(table.columns.size()), dialect_.separator);
  }
}

/// Of the rows that the fast reader has read.
void CsvTableReader::append_column(RawColumn& column, size_t index, int64_t first_row) {
  const int64_t rows = numbers_->rows();
  const auto columns = static_cast<int64_t>(names_.size());
  const auto begin = column.numbers.size();
  column.numbers.resize(begin + static_cast<size_t>(rows));
  double* const to = column.numbers.data() + begin;
  const double* const from = numbers_->values() + index;
  int64_t missing = 0;
  if (numbers_->has_gaps()) {
    for (int64_t row = 0; row < rows; ++row) missing += std::isnan(from[row * columns]) ? 1 : 0;
  }
  for (int64_t row = 0; row < rows; ++row) to[row] = from[row * columns];
  if (missing > 0 && column.missing == 0) {
    const int64_t row = std::find_if(to, to + rows, [](double v) { return std::isnan(v); }) - to;
    column.first_missing = NotedCell{first_row + row, scanner_.next_line() + row, ""};
  }
  column.missing += missing;
}

/// Takes what the fast reader understands. Where it soon stops, it is tried again less and less often.
int64_t CsvTableReader::read_numbers(RawTable& table, int64_t max_rows) {
  constexpr size_t kWorthwhile = NumberRowsArgs::kPartBytes / 8;  // of which the borders were found for nothing
  constexpr int64_t kLongestPause = 1024;
  numbers_->read(scanner_.at_hand(), max_rows);
  const int64_t rows = numbers_->rows();
  if (rows < std::min(max_rows, numbers_->capacity())) {
    next_pause_ = numbers_->bytes() >= kWorthwhile ? 1 : std::min(2 * next_pause_, kLongestPause);
    pause_ = next_pause_;
  }
  for (size_t i = 0; i < table.columns.size(); ++i) {
    RawColumn& column = table.columns[i];
    append_column(column, i, table.rows);
  }
  for (int64_t row = 0; row < rows; ++row) table.lines.push_back(scanner_.next_line() + row);
  table.rows += rows;
  scanner_.take(numbers_->bytes(), rows);
  return rows;
}

int64_t CsvTableReader::read(RawTable& table, int64_t max_rows) {
  if (!header_taken_) begin_rows(table, max_rows);
  int64_t count = 0;
  while (count < max_rows) {
    if (numbers_ && pause_ == 0) count += read_numbers(table, max_rows - count);
    if (count == max_rows || (numbers_ && pause_ == 0)) continue;
    if (!next_row()) break;
    add_row(table);
    ++count;
    if (pause_ > 0) --pause_;
  }
  return count;
}

NotedCell CsvTableReader::note(const RawTable& table, std::string_view cell) const {
  return {table.rows, scanner_.line(), std::string(cell.substr(0, 200))};
}

void CsvTableReader::add_row(RawTable& table) {
  const auto cells = scanner_.cells();
  for (size_t i = 0; i < cells.size(); ++i) {
    RawColumn& column = table.columns[i];
    if (column.role == CellRole::Skip) continue;
    if (is_missing(cells[i])) {
      if (column.missing++ == 0) column.first_missing = note(table, cells[i]);
      if (column.role == CellRole::Number) {
        column.numbers.push_back(kMissing);
      } else {
        column.codes.push_back(-1);
      }
    } else if (column.role == CellRole::Number) {
      add_number(column, table, cells[i]);
    } else {
      add_text(column, table, cells[i]);
    }
  }
  table.lines.push_back(scanner_.line());
  ++table.rows;
}

/// parse_number, quicker for the usual forms.
std::optional<double> CsvTableReader::parse(std::string_view cell) const {
  static_assert(CsvScanner::kSlack >= 16 + 8);
  double value = 0;
  if (!cell.empty() && scanner_.is_in_buffer(cell)) {
    const uint64_t negative = minus_sign(cell[0]);
    if (read_decimal(cell.data() + negative, cell.data() + cell.size(), negative, value)) return value;
  }
  return parse_number(cell);
}

void CsvTableReader::add_number(RawColumn& column, const RawTable& table, std::string_view cell) {
  const auto value = parse(cell);
  if (!value) {
    if (!column.fixed &&
        column.missing == table.rows) {  // no number has been met yet: a column of texts that began with gaps
      numbers_.reset();
      column.role = CellRole::Text;
      column.levels = std::make_unique<LevelTable>();
      column.codes.assign(static_cast<size_t>(table.rows), -1);
      column.numbers = {};
      add_text(column, table, cell);
      return;
    }
    note_odd(column, table, cell);
    column.numbers.push_back(kMissing);
    return;
  }
  if (!fits_float(*value)) {
    if (std::isnan(*value)) {  // "-nan"
      if (column.missing++ == 0) column.first_missing = note(table, cell);
    } else if (options_.skip_bad_rows) {
      note_odd(column, table, cell);
    } else if (!column.first_too_large) {
      column.first_too_large = note(table, cell);
    }
  }
  column.numbers.push_back(*value);
}

void CsvTableReader::note_odd(RawColumn& column, const RawTable& table, std::string_view cell) {
  if (column.odd++ == 0) column.first_odd = note(table, cell);
  if (!options_.skip_bad_rows) return;
  const auto index = static_cast<size_t>(&column - table.columns.data());
  column.odd_rows.push_back({scanner_.line(),
                             fmt::format("column {}: {} is not a number that fits", quote(names_[index]), quote(cell)),
                             std::string(scanner_.raw().substr(0, kRawBytesKept))});
  column.odd_row_numbers.push_back(table.rows);
}

void CsvTableReader::add_text(RawColumn& column, const RawTable&, std::string_view cell) {
  column.codes.push_back(column.levels->code(cell));
}

}  // namespace redbud
