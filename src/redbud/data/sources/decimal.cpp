#include "redbud/data/sources/decimal.h"

#include <fast_float/fast_float.h>

#include <cmath>

#include "redbud/data/sources/cell_text.h"

namespace redbud {
namespace {

/// Below [n], a number has room for n more digits: 10^(19 - n), as 10^19 < 2^64.
constexpr std::array<uint64_t, 9> kLeavesRoomFor = [] {
  std::array<uint64_t, 9> limits{};
  uint64_t limit = 10'000'000'000'000'000'000U;
  for (uint64_t& entry : limits) {
    entry = limit;
    limit /= 10;
  }
  return limits;
}();

/// Marks stand at bits 6, 14, ..., 62 once shifted; a bit behind them all stands for eight digits.
int count_digits(uint64_t word) { return (std::countr_zero(non_digits(word) >> 1 | uint64_t{1} << 63) + 1) >> 3; }

/// Appends the first `count` (0 to 8) of eight digits. Two shifts, as one of 64 bits is none.
uint64_t append_digits(uint64_t digits, uint64_t word, int count) {
  const int half = 4 * (8 - count);
  return digits * kPowersOfTen[static_cast<size_t>(count)] + value_of_eight(word << half << half);
}

/// Takes digits off the front, as long as there is room for them; false if there are more.
bool take_digits(const char*& p, uint64_t& digits, int& count) {
  count = 0;
  for (int words = 0; words < 3; ++words) {
    const uint64_t word = load_eight(p);
    const int more = count_digits(word);
    if (digits >= kLeavesRoomFor[static_cast<size_t>(more)]) return false;
    digits = append_digits(digits, word, more);
    p += more;
    count += more;
    if (more < 8) return true;
  }
  return false;
}

/// Takes "e-05" off the front, if it is there.
bool take_exponent(const char*& p, int& exponent) {
  if (*p != 'e' && *p != 'E') return true;
  ++p;
  const bool negative = *p == '-';
  if (negative || *p == '+') ++p;
  const uint64_t word = load_eight(p);
  const int count = count_digits(word);
  if (count < 1 || count > 3) return false;
  const auto value = static_cast<int>(append_digits(0, word, count));
  exponent += negative ? -value : value;
  p += count;
  return true;
}

}  // namespace

bool read_decimal(const char* p, const char* end, uint64_t negative, double& value) {
  if (p == end) {
    value = std::numeric_limits<double>::quiet_NaN();
    return negative == 0;
  }
  const char* const begin = p;
  uint64_t digits = 0;
  int count = 0;
  int exponent = 0;
  if (!take_digits(p, digits, count) || count == 0) return false;
  if (*p == '.') {
    ++p;
    if (!take_digits(p, digits, count) || count == 0) return false;
    exponent = -count;
  }
  if (!take_exponent(p, exponent) || p != end) return false;
  value = scale_by_ten(digits, exponent);
  if (std::isnan(value)) fast_float::from_chars(begin, end, value);
  const bool fits = fits_float(value);
  value = with_sign(value, negative);
  return fits;
}

}  // namespace redbud
