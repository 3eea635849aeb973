#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace redbud {

/// What a reader of number rows works on.
struct NumberRowsArgs {
  static constexpr size_t kPartBytes =
      16 * 1024;                       // of text are taken apart at once, so that it all stays in the first cache
  static constexpr size_t kMore = 64;  // entries that are written, or read, though they mean nothing

  std::string_view text;
  int64_t columns = 0;
  char separator = ',';
  int64_t max_rows = 0;
  double* values = nullptr;  // [row * columns + column]

  // Of the cells of a part, room for one a byte: cell i begins behind borders[i] and ends at borders[i + 1].
  int32_t* borders = nullptr;
  uint8_t* last = nullptr;     // how many digits stand in a row at its end, 16 at most
  uint64_t* lead = nullptr;    // what the digits before those are worth
  double* divisor = nullptr;   // power of ten, with the sign of the number
  uint64_t* others = nullptr;  // a bit a cell: it is of no common form
};
struct NumberRowsRead {
  int64_t rows = 0;
  size_t bytes = 0;
  bool has_gaps = false;
};

/// Rows of plain numbers, read without cutting them into cells first: the fast way through files of nothing but
/// numbers.
///
/// Takes empty cells (NaN) and numbers of at most 19 digits that a float can hold, exactly rounded, between single
/// separators, and lines that end in \n or \r\n. It stops before the first row in which it meets anything else (quotes,
/// blanks, texts, a row of another length, the end of the text), which is then for CsvScanner to read.
class CsvNumberRows {
 public:
  /// Bytes around the text that it may read, though it makes nothing of them.
  static constexpr size_t kSlack = 64;

  CsvNumberRows(int64_t columns, char separator);

  /// Reads at most `max_rows` (and capacity()) rows from the beginning of `text`, until a row is not for it.
  void read(std::string_view text, int64_t max_rows);

  int64_t capacity() const { return capacity_; }
  int64_t rows() const { return rows_; }
  /// Bytes of those rows; they are as many lines.
  size_t bytes() const { return bytes_; }
  /// The cells: rows() times as many as there are columns, row by row.
  const double* values() const { return values_.data(); }
  /// Whether a cell of them is empty.
  bool has_gaps() const { return has_gaps_; }

 private:
  int64_t columns_;
  char separator_;
  int64_t capacity_;
  int64_t rows_ = 0;
  size_t bytes_ = 0;
  bool has_gaps_ = false;
  std::vector<double> values_;
  std::vector<int32_t> borders_;
  std::vector<uint8_t> last_;
  std::vector<uint64_t> lead_;
  std::vector<double> divisor_;
  std::vector<uint64_t> others_;
};

}  // namespace redbud
