#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redbud/data/number_vector.h"
#include "redbud/data/sources/csv_dialect.h"
#include "redbud/data/sources/csv_number_rows.h"
#include "redbud/data/sources/csv_scanner.h"
#include "redbud/data/sources/level_table.h"

namespace redbud {

/// What is made of a column's cells while a file is read.
enum class CellRole { Skip, Number, Text };

/// A cell that stands out, and where.
struct NotedCell {
  int64_t row = 0;
  int64_t line = 0;
  std::string text = {};
};

/// A row that was left out.
struct RejectedRow {
  int64_t line = 0;
  std::string reason = {};
  std::string raw = {};
};

/// The cells of one column as they were read, before it is decided what the column is.
struct RawColumn {
  CellRole role = CellRole::Number;
  bool fixed = false;                       // Number: stays so even if its first value is a text
  NumberVector numbers = {};                // Number: NaN where missing, or where a cell is no number
  std::vector<int32_t> codes = {};          // Text: -1 where missing
  std::unique_ptr<LevelTable> levels = {};  // Text
  int64_t missing = 0;
  std::optional<NotedCell> first_missing = {};
  std::optional<NotedCell> first_too_large = {};  // Number: infinite, or beyond what a float holds
  std::optional<NotedCell> first_odd = {};        // Number: not a number
  int64_t odd = 0;
  std::vector<RejectedRow> odd_rows = {};  // what rejects would say of them, if rows may be left out
  std::vector<int64_t> odd_row_numbers = {};
};

struct RawTable {
  std::vector<RawColumn> columns = {};
  std::vector<int64_t> lines = {};
  int64_t rows = 0;

  /// Drops the cells but keeps the levels' numbers, for the next part of a file.
  void clear_rows();
};

/// How a file of rows is opened.
struct CsvOptions {
  HeaderMode header = HeaderMode::Auto;
  bool skip_bad_rows = false;
};

/// Reads a CSV file (plain or .gz) column by column, a number of rows at a time.
class CsvTableReader {
 public:
  CsvTableReader(const Path& path, const CsvOptions& options);
  /// The same from memory, for tests.
  CsvTableReader(std::string_view text, std::string name, const CsvOptions& options);

  const CsvDialect& dialect() const { return dialect_; }
  /// From the header, or x0, x1, ...
  const std::vector<std::string>& names() const { return names_; }
  const std::string& file() const { return scanner_.name(); }
  const CsvSample& sample() const { return sample_; }
  /// What was made up of the header: names for columns without one.
  const std::vector<std::string>& facts() const { return facts_; }
  /// Decides against the guess, before the first row is read.
  void set_header(bool header, std::string reason);

  /// Number for columns whose first cells are all numbers or missing, else Text.
  std::vector<CellRole> guess_roles() const;
  RawTable empty_table(const std::vector<CellRole>& roles) const;

  /// Appends at most `max_rows` rows; how many (0: the end).
  /// Throws  Error{Data} with line: a row that is not as long as the header or the first
  int64_t read(RawTable& table, int64_t max_rows);

  const std::vector<RejectedRow>& rejects() const { return rejects_; }
  /// XXH3 of the file, once read() gave 0.
  uint64_t fingerprint() const { return file_ ? file_->fingerprint() : 0; }

 private:
  void start();
  void name_columns();
  void reject(ErrorText fault);
  bool next_row();
  void add_row(RawTable& table);
  std::optional<double> parse(std::string_view cell) const;
  void add_number(RawColumn& column, const RawTable& table, std::string_view cell);
  void add_text(RawColumn& column, const RawTable& table, std::string_view cell);
  void note_odd(RawColumn& column, const RawTable& table, std::string_view cell);
  NotedCell note(const RawTable& table, std::string_view cell) const;
  void begin_rows(RawTable& table, int64_t max_rows);
  void reserve(RawTable& table) const;
  int64_t read_numbers(RawTable& table, int64_t max_rows);
  void append_column(RawColumn& column, size_t index, int64_t first_row);

  CsvOptions options_;
  std::unique_ptr<DataFile> file_;
  std::unique_ptr<ByteSource> source_;
  CsvScanner scanner_;
  CsvDialect dialect_;
  CsvSample sample_;
  std::vector<std::string> names_;
  std::vector<std::string> facts_;
  std::vector<RejectedRow> rejects_;
  bool header_taken_ = false;
  double bytes_a_row_ = 0;

  std::optional<CsvNumberRows> numbers_;  // where all columns are numbers
  int64_t pause_ = 0;                     // rows until it is tried again
  int64_t next_pause_ = 1;
};

}  // namespace redbud
