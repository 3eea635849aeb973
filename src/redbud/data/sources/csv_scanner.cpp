#include "redbud/data/sources/csv_scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

/// Line ends as an editor counts them: \n, \r\n, and \r alone.
int64_t count_lines(std::string_view text) {
  int64_t lines = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    lines += text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
  }
  return lines;
}

bool is_plain_ascii(std::string_view text) {
  unsigned char high = 0;
  unsigned char zero = 0;
  for (char c : text) {  // no early end, so that it becomes vector code
    high = static_cast<unsigned char>(high | static_cast<unsigned char>(c));
    zero = static_cast<unsigned char>(zero | (c == '\0'));
  }
  return high < 0x80 && zero == 0;
}

}  // namespace

std::string place(const std::string& file, int64_t line) { return fmt::format("{}:{}", file, line); }
std::string place(const std::string& file, int64_t line, const std::string& column) {
  return fmt::format("{}:{}, column {}", file, line, quote(column));
}

CsvScanner::CsvScanner(ByteSource& source, std::string name, char separator)
    : source_(source), name_(std::move(name)), buffer_(kBufferBytes + 1 + 2 * kSlack) {
  set_separator(separator);
}

void CsvScanner::set_separator(char separator) {
  separator_ = separator;
  ends_cell_ = {};
  for (char c : {separator, '\n', '\r', '\0'}) ends_cell_[static_cast<unsigned char>(c)] = true;
  if (separator == kBlanks) ends_cell_[static_cast<unsigned char>('\t')] = true;
}

void CsvScanner::refuse(int64_t line, const char* at, ErrorText text) const {
  text.where = fmt::format("{} (byte {})", place(name_, line), base_ + (at - buffer_.data()));
  throw Error(ErrorKind::Data, std::move(text));
}

void CsvScanner::start() {
  started_ = true;
  refill();
  const std::string_view text = at_hand();
  if (text.starts_with(kUtf8Mark)) {
    next_ += kUtf8Mark.size();
  } else if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw Error(ErrorKind::Data, {.where = place(name_, 1) + " (byte 0)",
                                  .fact = "the text is UTF-16",
                                  .expected = "UTF-8",
                                  .hint = "`iconv -f UTF-16 -t UTF-8` converts it"});
  }
}

/// Moves what is left to the front and reads on; false at the end of the file.
bool CsvScanner::refill() {
  if (ended_) return false;
  const size_t left = end_ - next_;
  std::memmove(buffer_.data() + kSlack, buffer_.data() + next_, left);
  base_ += static_cast<int64_t>(next_) - static_cast<int64_t>(kSlack);
  next_ = kSlack;
  end_ = kSlack + left;
  if (2 * left >= buffer_.size()) buffer_.resize(2 * buffer_.size());
  const size_t limit = buffer_.size() - 1 - kSlack;
  while (end_ < limit) {
    const int64_t count = source_.read(std::as_writable_bytes(std::span(buffer_)).subspan(end_, limit - end_));
    if (count == 0) {
      ended_ = true;
      break;
    }
    end_ += static_cast<size_t>(count);
  }
  buffer_[end_] = '\0';
  return true;
}

std::string_view CsvScanner::peek(int64_t bytes) {
  if (!started_) start();
  while (static_cast<int64_t>(end_ - next_) < bytes && refill()) {
    if (static_cast<int64_t>(end_ - next_) < bytes && !ended_) buffer_.resize(2 * buffer_.size());
  }
  return at_hand().substr(0, static_cast<size_t>(bytes));
}

void CsvScanner::take(size_t bytes, int64_t lines) {
  RB_ASSERT(bytes <= end_ - next_);
  next_ += bytes;
  line_ += lines;
}

const char* CsvScanner::skip_blanks(const char* p) const {
  while (*p == ' ' || (*p == '\t' && separator_ != '\t')) ++p;
  return p;
}

const char* CsvScanner::find_end_of_cell(const char* p) const {
  while (true) {
    while (!ends_cell_[static_cast<unsigned char>(*p)]) ++p;
    if (*p != '\0' || p == end()) return p;
    ++p;  // a NUL of the file's own: check_bytes() finds it
  }
}

/// Called where a cell does not end in the buffer.
void CsvScanner::require_bounded(const char* cell) {
  if (end() - cell < kMaxCellBytes) return;
  const std::string_view before(buffer_.data() + next_, static_cast<size_t>(cell - buffer_.data()) - next_);
  const bool quoted = !before.empty() && before.back() == '"';
  const int64_t line = line_ + count_lines(before);
  if (std::memchr(cell, '\0', static_cast<size_t>(end() - cell)) != nullptr) {
    refuse(line, cell, {.fact = "NUL bytes where text should be", .expected = "a text file in UTF-8"});
  }
  refuse(line, cell - (quoted ? 1 : 0),
         {.fact = fmt::format("{} is longer than {}", quoted ? "a quoted cell that begins here" : "a cell",
                              format_bytes(kMaxCellBytes)),
          .hint = quoted ? "is its quote ever closed?" : ""});
}

CsvScanner::Outcome CsvScanner::fail(const char* p, ErrorText fault) {
  fault.where = fmt::format("{} (byte {})", place(name_, line_ + lines_inside_), base_ + (p - buffer_.data()));
  fault_ = std::move(fault);
  return Outcome::Bad;
}

CsvScanner::Outcome CsvScanner::parse_quoted(const char*& p) {
  const char* const opened = p++;
  const char* begin = p;
  std::string* joined = nullptr;
  const int64_t line = line_ + lines_inside_;
  while (true) {
    const auto* quote_mark = static_cast<const char*>(std::memchr(p, '"', static_cast<size_t>(end() - p)));
    if (quote_mark == nullptr || (quote_mark + 1 == end() && !ended_)) {
      if (!ended_) {
        require_bounded(opened + 1);
        return Outcome::NeedsMore;
      }
      refuse(line, opened, {.fact = "a quote is opened here and never closed"});
    }
    p = quote_mark + 1;
    if (*p != '"' || p == end()) break;
    if (joined == nullptr) {
      if (unescaped_count_ == unescaped_.size()) unescaped_.emplace_back();
      joined = &unescaped_[unescaped_count_++];
      joined->clear();
    }
    joined->append(begin, p);  // with the first of the two quotes
    begin = ++p;
  }
  lines_inside_ += count_lines({opened + 1, static_cast<size_t>(p - 1 - opened - 1)});
  std::string_view cell(begin, static_cast<size_t>(p - 1 - begin));
  if (joined != nullptr) cell = joined->append(cell);
  if (p - opened > kMaxCellBytes) require_bounded(opened + 1);
  cells_.push_back(cell);
  quoted_ = true;
  p = skip_blanks(p);
  if (p == end() && !ended_) return Outcome::NeedsMore;
  if (separator_ == kBlanks && p[-1] != '"' && p != end()) return Outcome::Done;
  if (!ends_cell_[static_cast<unsigned char>(*p)] || (*p == '\0' && p != end())) {
    return fail(p, {.fact = "text follows the closing quote of a cell",
                    .hint = "a quote inside a quoted cell is written twice"});
  }
  return Outcome::Done;
}

CsvScanner::Outcome CsvScanner::parse_cell(const char*& p) {
  p = skip_blanks(p);
  if (*p == '"') return parse_quoted(p);
  const char* const begin = p;
  p = find_end_of_cell(p);
  if (p == end() && !ended_) {
    require_bounded(begin);
    return Outcome::NeedsMore;
  }
  const char* last = p;
  while (last != begin && (last[-1] == ' ' || last[-1] == '\t')) --last;
  cells_.emplace_back(begin, static_cast<size_t>(last - begin));
  if (separator_ == kBlanks) p = skip_blanks(p);
  return p == end() && !ended_ ? Outcome::NeedsMore : Outcome::Done;
}

CsvScanner::Outcome CsvScanner::end_record(const char* p) {
  if (*p == '\r' && p + 1 == end() && !ended_) return Outcome::NeedsMore;
  record_size_ = static_cast<size_t>(p - buffer_.data()) - record_;
  if (p != end()) {
    p += p[0] == '\r' && p[1] == '\n' ? 2 : 1;
    ++lines_inside_;
  }
  next_ = static_cast<size_t>(p - buffer_.data());
  line_ += lines_inside_;
  return Outcome::Done;
}

CsvScanner::Outcome CsvScanner::parse() {
  cells_.clear();
  unescaped_count_ = 0;
  lines_inside_ = 0;
  quoted_ = false;
  record_ = next_;
  record_line_ = line_;
  const char* p = buffer_.data() + next_;
  while (true) {
    const Outcome outcome = parse_cell(p);
    if (outcome == Outcome::NeedsMore) return outcome;
    if (outcome == Outcome::Bad) {  // on with the next line
      while (*p != '\n' && *p != '\r' && p != end()) ++p;
      if (p == end() && !ended_) {
        require_bounded(buffer_.data() + record_);
        return Outcome::NeedsMore;
      }
      return end_record(p) == Outcome::NeedsMore ? Outcome::NeedsMore : Outcome::Bad;
    }
    if (p == end() || *p == '\n' || *p == '\r') return end_record(p);
    if (separator_ != kBlanks) ++p;
  }
}

void CsvScanner::check_bytes() {
  const std::string_view text = raw();
  if (is_plain_ascii(text)) return;
  const char* const zero = static_cast<const char*>(std::memchr(text.data(), '\0', text.size()));
  const auto invalid = find_invalid_utf8(text);
  const size_t at_zero = zero == nullptr ? text.size() : static_cast<size_t>(zero - text.data());
  const size_t at = std::min(at_zero, invalid.value_or(text.size()));
  if (at == text.size()) return;
  fault_ = {.where = fmt::format("{} (byte {})", place(name_, record_line_ + count_lines(text.substr(0, at))),
                                 offset() + static_cast<int64_t>(at)),
            .fact = at == at_zero ? "a NUL byte where text should be" : "bytes that are not UTF-8",
            .found = at == at_zero ? "" : fmt::format("0x{:02X}", static_cast<unsigned char>(text[at])),
            .expected = "a text file in UTF-8",
            .hint = at == at_zero ? "is it UTF-16?" : "`iconv -f LATIN1 -t UTF-8` converts Latin-1"};
}

CsvScanner::Found CsvScanner::next() {
  if (!started_) start();
  fault_ = {};
  while (true) {
    if (next_ == end_ && !refill()) return Found::End;
    if (next_ == end_) return Found::End;
    const Outcome outcome = parse();
    if (outcome == Outcome::NeedsMore) {
      refill();
      continue;
    }
    if (outcome == Outcome::Bad) return Found::BadRecord;
    if (cells_.size() == 1 && cells_[0].empty() && !quoted_) continue;  // a blank line
    check_bytes();
    return fault_.fact.empty() ? Found::Record : Found::BadRecord;
  }
}

void CsvScanner::unread() {
  next_ = record_;
  line_ = record_line_;
}

}  // namespace redbud
