#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/core/error.h"
#include "redbud/data/sources/byte_source.h"

namespace redbud {

/// The separator that stands for runs of blanks and tabs.
inline constexpr char kBlanks = ' ';

/// "table.csv:17", and "table.csv:17, column "age"".
std::string place(const std::string& file, int64_t line);
std::string place(const std::string& file, int64_t line, const std::string& column);

/// Cuts text into records and cells by RFC 4180, and what real files bring besides: a byte order mark, any mixture of
/// line ends, blanks around cells, blank lines (passed over). Cells that are not quoted lose the blanks at both ends.
///
/// Holds one buffer, which grows to the longest record; no cell may be longer than kMaxCellBytes.
/// Throws  Error{Data} with line and byte: a quote that is never closed, a cell that is too long, UTF-16
class CsvScanner {
 public:
  static constexpr int64_t kMaxCellBytes = 16 << 20;
  static constexpr int64_t kMaxColumns = 100'000;
  /// Bytes around the text at hand that may be read, though they mean nothing.
  static constexpr size_t kSlack = 64;

  enum class Found { Record, BadRecord, End };

  CsvScanner(ByteSource& source, std::string name, char separator = ',');

  void set_separator(char separator);
  char separator() const { return separator_; }

  /// Up to `bytes` of the text from here on, without taking them (fewer only at the end).
  std::string_view peek(int64_t bytes);

  /// Goes to the next record. A bad one (NUL bytes, invalid UTF-8, text after a closing quote) can be passed over;
  /// fault() says what is wrong.
  Found next();
  /// Goes back to the beginning of the record that next() went to.
  void unread();

  /// Of the record: its cells, the line and byte of the file that it begins at, its text without the line's end. Valid
  /// until the next call.
  std::span<const std::string_view> cells() const { return cells_; }
  int64_t line() const { return record_line_; }
  int64_t offset() const { return base_ + static_cast<int64_t>(record_); }
  std::string_view raw() const { return {buffer_.data() + record_, record_size_}; }
  const ErrorText& fault() const { return fault_; }
  const std::string& name() const { return name_; }

  /// Whether a cell lies in the buffer, with kSlack bytes around it (those with doubled quotes don't).
  bool is_in_buffer(std::string_view cell) const { return cell.data() >= buffer_.data() && cell.data() <= end(); }

  /// The bytes at hand from here on; those that a faster reader understands it can take. Whole lines only.
  std::string_view at_hand() const { return {buffer_.data() + next_, end_ - next_}; }
  bool at_end_of_file() const { return ended_; }
  void take(size_t bytes, int64_t lines);
  int64_t next_line() const { return line_; }

 private:
  enum class Outcome { Done, NeedsMore, Bad };

  void start();
  bool refill();
  void require_bounded(const char* cell);
  Outcome parse();
  Outcome parse_cell(const char*& p);
  Outcome parse_quoted(const char*& p);
  Outcome end_record(const char* p);
  Outcome fail(const char* p, ErrorText fault);
  void check_bytes();
  const char* skip_blanks(const char* p) const;
  const char* find_end_of_cell(const char* p) const;
  const char* end() const { return buffer_.data() + end_; }
  [[noreturn]] void refuse(int64_t line, const char* at, ErrorText text) const;

  ByteSource& source_;
  std::string name_;
  char separator_ = ',';
  std::array<bool, 256> ends_cell_{};

  std::vector<char> buffer_;  // kSlack bytes, the text, a NUL, kSlack bytes
  size_t next_ = kSlack;      // where the next record begins
  size_t end_ = kSlack;
  bool started_ = false;
  bool ended_ = false;
  int64_t base_ = -static_cast<int64_t>(kSlack);  // the file's byte that buffer_[0] would be
  int64_t line_ = 1;                              // of next_

  size_t record_ = 0;
  size_t record_size_ = 0;
  int64_t record_line_ = 0;
  int64_t lines_inside_ = 0;  // line ends met in the record's quotes
  std::vector<std::string_view> cells_;
  std::deque<std::string> unescaped_;  // cells that held doubled quotes
  size_t unescaped_count_ = 0;
  bool quoted_ = false;  // whether the record has a quoted cell
  ErrorText fault_;
};

}  // namespace redbud
