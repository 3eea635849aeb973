#pragma once
#include <string>
#include <vector>

#include "redbud/data/dataset.h"
#include "redbud/data/read.h"
#include "redbud/data/sources/csv_table.h"

namespace redbud {

/// A CSV file as a table whose columns, target and task are found out from its cells.
Dataset read_csv(const Path& path, const ReadOptions& options, ReadNotes& notes);

/// Writes the rows that were left out as CSV (line, reason, row), if there is a file for them; counts and mentions
/// them.
void report_rejects(std::vector<RejectedRow> rejects, const ReadOptions& options, ReadNotes& notes);

/// The rows of a table that were not found to be bad, and what is to be said of those that were.
struct GoodRows {
  std::vector<int64_t> rows = {};
  std::vector<RejectedRow> rejects = {};
};
GoodRows good_rows(RawTable& table, const std::vector<RejectedRow>& rejects);

/// A table whose cells may have gaps, for the two functions below.
struct GappyTable {
  const Table& table;
  const std::vector<Column>& columns;
  const std::string& file;
};

/// Takes the rows off `rows` in which one of the columns misses its value.
/// Throws  Error{Data} with line and column where the policy is Error, or no row is left
void apply_missing(std::vector<int64_t>& rows, const GappyTable& data, const std::vector<int>& columns,
                   MissingPolicy policy, ReadNotes& notes);
void apply_missing_target(std::vector<int64_t>& rows, const GappyTable& data, const std::vector<int>& targets,
                          MissingTargetPolicy policy, ReadNotes& notes);

/// The columns that become features.
std::vector<int> input_columns(const Schema& schema);

}  // namespace redbud
