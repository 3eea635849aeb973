#include "redbud/data/sources/cell_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "redbud/core/text.h"

namespace redbud {
namespace {

constexpr size_t kLongestWord = 5;  // "false"
constexpr std::array<std::array<std::string_view, 2>, 5> kBooleans{
    {{"false", "true"}, {"no", "yes"}, {"n", "y"}, {"f", "t"}, {"off", "on"}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_sign(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text;
}

/// Takes `count` to `most` digits off the front; -1 if there are not as many.
int take_digits(std::string_view& text, int least, int most) {
  int value = 0;
  int count = 0;
  for (; count < most && !text.empty() && is_digit(text[0]); ++count) {
    value = 10 * value + (text[0] - '0');
    text.remove_prefix(1);
  }
  return count < least ? -1 : value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

/// hh:mm, hh:mm:ss, hh:mm:ss.fff, with Z or +hh:mm.
bool take_time(std::string_view& text) {
  const int hour = take_digits(text, 1, 2);
  if (hour < 0 || hour > 24 || !take(text, ':')) return false;
  const int minute = take_digits(text, 2, 2);
  if (minute < 0 || minute > 59) return false;
  if (take(text, ':')) {
    const int second = take_digits(text, 2, 2);
    if (second < 0 || second > 60) return false;
    if (take(text, '.') && take_digits(text, 1, 9) < 0) return false;
  }
  if (take(text, 'Z')) return true;
  if (take(text, '+') || take(text, '-')) {
    if (take_digits(text, 2, 2) < 0) return false;
    take(text, ':');
    if (!text.empty() && take_digits(text, 2, 2) < 0) return false;
  }
  return true;
}

/// Three numbers with the same mark between them: the year first, or last after day and month in either order.
bool take_day(std::string_view& text) {
  const size_t size = text.size();
  const int first = take_digits(text, 1, 4);
  const bool year_first = size - text.size() == 4;
  if (first < 0 || text.empty()) return false;
  const char mark = text[0];
  if ((mark != '-' && mark != '/' && mark != '.') || !take(text, mark)) return false;
  const int second = take_digits(text, 1, 2);
  if (second < 1 || second > 31 || !take(text, mark)) return false;
  const int third = take_digits(text, year_first ? 1 : 2, year_first ? 2 : 4);
  if (third < 0 || (!text.empty() && is_digit(text[0]))) return false;
  if (year_first) return second <= 12 && third >= 1 && third <= 31;
  return first >= 1 && first <= 31 && (first <= 12 || second <= 12);
}

bool is_hexadecimal(std::string_view text) {
  if (text.size() < 3 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X')) return false;
  return text.find_first_not_of("0123456789abcdefABCDEF.pP+-", 2) == std::string_view::npos;
}

/// Digits of Arabic (U+0660, U+06F0) and full-width ones (U+FF10).
bool has_foreign_digits_only(std::string_view text) {
  if (text.empty()) return false;
  while (!text.empty()) {
    const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const bool arabic = byte(0) == 0xD9 && byte(1) >= 0xA0 && byte(1) <= 0xAC;
    const bool persian = byte(0) == 0xDB && byte(1) >= 0xB0 && byte(1) <= 0xB9;
    const bool wide = byte(0) == 0xEF && byte(1) == 0xBC && byte(2) >= 0x8E && byte(2) <= 0x99;
    if (!arabic && !persian && !wide) return false;
    text.remove_prefix(wide ? 3 : 2);
  }
  return true;
}

}  // namespace

bool is_missing(std::string_view cell) {
  if (!cell.empty() && (cell.front() == ' ' || cell.back() == ' ' || cell.front() == '\t' || cell.back() == '\t'))
    cell = trim(cell);
  const auto lower = [&](size_t i) { return static_cast<char>(cell[i] | 0x20); };  // of a letter
  switch (cell.size()) {
    case 0:
      return true;
    case 1:
      return cell[0] == '?';
    case 2:
      return lower(0) == 'n' && lower(1) == 'a';
    case 3:
      return lower(0) == 'n' && ((lower(1) == 'a' && lower(2) == 'n') || (cell[1] == '/' && lower(2) == 'a'));
    case 4:
      return lower(0) == 'n' && lower(1) == 'u' && lower(2) == 'l' && lower(3) == 'l';
    default:
      return false;
  }
}

bool is_foreign_number(std::string_view cell) {
  const std::string_view text = without_sign(trim(cell));
  if (text.empty()) return false;
  if (is_hexadecimal(text) || has_foreign_digits_only(text)) return true;
  if (!is_digit(text.front()) || text.find_first_of(",_'") == std::string_view::npos) return false;
  return text.find_first_not_of("0123456789.,_'") == std::string_view::npos;
}

bool is_date(std::string_view cell) {
  std::string_view text = trim(cell);
  std::string_view rest = text;
  if (take_time(rest) && rest.empty()) return true;
  rest = text;
  if (!take_day(rest)) return false;
  if (rest.empty()) return true;
  if (!take(rest, 'T') && !take(rest, ' ')) return false;
  return take_time(rest) && rest.empty();
}

std::optional<bool> parse_boolean(std::string_view cell) {
  cell = trim(cell);
  if (cell.empty() || cell.size() > kLongestWord) return std::nullopt;
  const std::string word = to_lower(cell);
  for (const auto& [no, yes] : kBooleans) {
    if (word == no) return false;
    if (word == yes) return true;
  }
  return std::nullopt;
}

bool is_boolean_pair(std::string_view no, std::string_view yes) {
  const std::array words = {to_lower(no), to_lower(yes)};
  return std::any_of(kBooleans.begin(), kBooleans.end(),
                     [&](const auto& pair) { return words[0] == pair[0] && words[1] == pair[1]; });
}

bool fits_float(double value) {
  constexpr double kBeyond = 0x1.ffffffp127;  // half a step above the largest float: rounds to infinity
  return std::abs(value) < kBeyond;
}

void sort_levels(std::vector<std::string>& levels) {
  std::vector<std::pair<int64_t, std::string>> numbered;
  for (const std::string& level : levels) {
    const auto value = parse_integer(level);
    if (!value) break;
    numbered.emplace_back(*value, level);
  }
  if (numbered.size() != levels.size()) {
    std::sort(levels.begin(), levels.end());
    return;
  }
  std::sort(numbered.begin(), numbered.end());
  std::transform(numbered.begin(), numbered.end(), levels.begin(), [](auto& pair) { return std::move(pair.second); });
}

}  // namespace redbud
