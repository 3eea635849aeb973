#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace redbud {

/// What a reader of number rows works on: `borders` has room for the places of separators and line ends in kBorderBytes
/// of text.
struct NumberRowsArgs {
  static constexpr size_t kBorderBytes = 16 * 1024;
  static constexpr size_t kMoreBorders = 64;  // are written, though they mean nothing

  std::string_view text;
  int64_t columns = 0;
  char separator = ',';
  int64_t max_rows = 0;
  double* block = nullptr;  // [column * stride + row]
  int64_t stride = 0;
  uint32_t* borders = nullptr;
};
struct NumberRowsRead {
  int64_t rows = 0;
  size_t bytes = 0;
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
  /// The cells of a column, rows() of them.
  const double* column(int64_t i) const { return block_.data() + i * stride_; }

 private:
  int64_t columns_;
  char separator_;
  int64_t capacity_;
  int64_t stride_;
  int64_t rows_ = 0;
  size_t bytes_ = 0;
  std::vector<double> block_;      // column-major, so that columns leave it in one piece
  std::vector<uint32_t> borders_;  // where separators and line ends stand
};

}  // namespace redbud
