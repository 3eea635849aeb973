// Rows that are left out, or refused, because something in them is bad or missing.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "redbud/core/text.h"
#include "redbud/data/read_csv.h"

namespace redbud {
namespace {

std::string quoted_cell(std::string_view text) {
  std::string cell = "\"";
  for (char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + '"';
}

std::string rows_text(int64_t count) { return with_thousands(count) + (count == 1 ? " row" : " rows"); }

bool is_gap(const TableColumn& column, size_t row) {
  return column.codes.empty() ? std::isnan(column.numbers[row]) : column.codes[row] == -1;
}

/// The first of `rows` that misses a value in one of the columns, and which column; false if none does.
bool find_gap(const std::vector<int64_t>& rows, const Table& table, const std::vector<int>& columns, int64_t& row,
              int& column) {
  for (int64_t candidate : rows) {
    for (int i : columns) {
      if (!is_gap(table.columns[static_cast<size_t>(i)], static_cast<size_t>(candidate))) continue;
      row = candidate;
      column = i;
      return true;
    }
  }
  return false;
}

int64_t drop_gaps(std::vector<int64_t>& rows, const Table& table, const std::vector<int>& columns) {
  const auto has_gap = [&](int64_t row) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](int i) { return is_gap(table.columns[static_cast<size_t>(i)], static_cast<size_t>(row)); });
  };
  return static_cast<int64_t>(std::erase_if(rows, has_gap));
}

[[noreturn]] void refuse_gap(const GappyTable& data, int64_t row, int column, const char* fact, const char* hint) {
  const std::string& name = data.columns[static_cast<size_t>(column)].name;
  throw Error(
      ErrorKind::Data,
      {.where = place(data.file, data.table.lines[static_cast<size_t>(row)], name), .fact = fact, .hint = hint});
}

}  // namespace

GoodRows good_rows(RawTable& table, const std::vector<RejectedRow>& rejects) {
  GoodRows good{.rows = {}, .rejects = rejects};
  std::vector<bool> bad(static_cast<size_t>(table.rows));
  for (RawColumn& column : table.columns) {
    if (column.role != CellRole::Number) continue;
    for (size_t i = 0; i < column.odd_rows.size(); ++i) {
      std::vector<bool>::reference is_bad = bad[static_cast<size_t>(column.odd_row_numbers[i])];
      if (!is_bad) good.rejects.push_back(std::move(column.odd_rows[i]));
      is_bad = true;
    }
  }
  for (int64_t row = 0; row < table.rows; ++row) {
    if (!bad[static_cast<size_t>(row)]) good.rows.push_back(row);
  }
  std::stable_sort(good.rejects.begin(), good.rejects.end(),
                   [](const RejectedRow& a, const RejectedRow& b) { return a.line < b.line; });
  return good;
}

void report_rejects(std::vector<RejectedRow> rejects, const ReadOptions& options, ReadNotes& notes) {
  if (rejects.empty()) return;
  const auto count = static_cast<int64_t>(rejects.size());
  notes.rows_left_out += count;
  for (const RejectedRow& row : rejects) notes.rejects.push_back(fmt::format("line {}: {}", row.line, row.reason));
  std::string text = fmt::format("{} left out because they can't be read", rows_text(count));
  if (!options.rejects.empty()) {
    std::string csv = "line,reason,row\n";
    for (const RejectedRow& row : rejects)
      csv += fmt::format("{},{},{}\n", row.line, quoted_cell(row.reason), quoted_cell(row.raw));
    write_text_file(options.rejects, csv);
    text += fmt::format(", see {}", options.rejects.string());
  }
  notes.warnings.push_back(fmt::format("{} (first: line {}, {})", text, rejects[0].line, rejects[0].reason));
}

void apply_missing(std::vector<int64_t>& rows, const GappyTable& data, const std::vector<int>& columns,
                   MissingPolicy policy, ReadNotes& notes) {
  if (policy == MissingPolicy::Mean) return;
  int64_t row = 0;
  int column = 0;
  if (!find_gap(rows, data.table, columns, row, column)) return;
  if (policy == MissingPolicy::Error) {
    refuse_gap(data, row, column, "a cell without a value",
               "--missing mean fills such cells, --missing drop leaves their rows out");
  }
  const int64_t dropped = drop_gaps(rows, data.table, columns);
  notes.rows_left_out += dropped;
  notes.facts.push_back(fmt::format("missing: {} left out because a cell has no value", rows_text(dropped)));
  if (rows.empty()) {
    throw Error(ErrorKind::Data,
                {.where = data.file, .fact = "every row misses a value", .hint = "--missing mean fills such cells"});
  }
}

void apply_missing_target(std::vector<int64_t>& rows, const GappyTable& data, const std::vector<int>& targets,
                          MissingTargetPolicy policy, ReadNotes& notes) {
  int64_t row = 0;
  int column = 0;
  if (!find_gap(rows, data.table, targets, row, column)) return;
  if (policy == MissingTargetPolicy::Error) {
    refuse_gap(data, row, column, "the target has no value", "--missing-target drop leaves such rows out");
  }
  const int64_t dropped = drop_gaps(rows, data.table, targets);
  notes.rows_left_out += dropped;
  notes.facts.push_back(
      policy == MissingTargetPolicy::Drop
          ? fmt::format("missing target: {} left out", rows_text(dropped))
          : fmt::format("missing target: {} without a label set aside, supervised training has no use for them",
                        rows_text(dropped)));
}

std::vector<int> input_columns(const Schema& schema) {
  std::vector<int> inputs;
  for (int i = 0; i < static_cast<int>(schema.columns.size()); ++i) {
    if (schema.columns[static_cast<size_t>(i)].type != ColumnType::LeftOut && !schema.is_target(i)) inputs.push_back(i);
  }
  return inputs;
}

}  // namespace redbud
