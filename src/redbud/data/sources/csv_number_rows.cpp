#include "redbud/data/sources/csv_number_rows.h"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "redbud/data/sources/cell_text.h"

namespace redbud {
namespace {

constexpr int64_t kBlockCells = 32 * 1024;  // 256 KB: half of an L2
constexpr int64_t kMostRows = 120;
constexpr int64_t kPadding = 8;  // so that columns don't all fall on the same sets of a cache
constexpr size_t kBorderBytes = 16 * 1024;
constexpr uint64_t kExactInDouble = uint64_t{1} << 53;

constexpr std::array<uint64_t, 9> kPowers = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
/// Below [n], a number has room for n more digits: 10^(19 - n), as 10^19 < 2^64.
constexpr std::array<uint64_t, 16> kLeavesRoomFor = [] {
  std::array<uint64_t, 16> limits{};
  uint64_t limit = 10'000'000'000'000'000'000U;
  for (uint64_t& entry : limits) {
    entry = limit;
    limit /= 10;
  }
  return limits;
}();
constexpr std::array<double, 23> kExactPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Eight characters, each less '0'; the first one lowest.
inline uint64_t load8(const char* p) {
  uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word ^ 0x3030303030303030;
}

/// Marks, in their upper bits, the bytes that are no digits: truly up to the first of them, whose carry may spoil those
/// behind it.
inline uint64_t non_digits(uint64_t word) { return ((word + 0x7676767676767676) | word) & 0x8080808080808080; }

/// Marks stand at bits 6, 14, ..., 62 once shifted; a bit behind them all stands for eight digits, without a branch.
inline int count_digits(uint64_t word) {
  return (std::countr_zero(non_digits(word) >> 1 | uint64_t{1} << 63) + 1) >> 3;
}

/// The number that eight digits make. Source: D. Lemire, "Quickly parsing eight digits" (2018).
inline uint64_t value_of_eight(uint64_t word) {
  word = word * 10 + (word >> 8);  // pairs, in bytes 0, 2, 4, 6
  constexpr uint64_t kMask = 0x000000FF000000FF;
  return (((word & kMask) * 0x000F424000000064) + (((word >> 16) & kMask) * 0x0000271000000001)) >> 32;
}

/// Appends the first `count` (0 to 8) of eight digits. Two shifts, as one of 64 bits is none.
inline uint64_t append_digits(uint64_t digits, uint64_t word, int count) {
  const int half = 4 * (8 - count);
  return digits * kPowers[static_cast<size_t>(count)] + value_of_eight(word << half << half);
}

/// 10^-k for the method of Eisel and Lemire: 5^-k as a fraction of 64 bits, cut off, and the exponent that goes with
/// it.
struct NegativePower {
  uint64_t fraction = 0;
  int64_t exponent = 0;
};
constexpr int kFewest = 5;  // below that a number may lie exactly between two doubles
constexpr int kMost = 27;   // 5^27 < 2^63
constexpr std::array<NegativePower, kMost + 1> kNegativePowers = [] {
  std::array<NegativePower, kMost + 1> powers{};
  uint64_t five = 1;
  for (int k = 0; k <= kMost; ++k, five *= 5) {
    const auto bits = static_cast<int>(std::bit_width(five));
    powers[static_cast<size_t>(k)] = {static_cast<uint64_t>((static_cast<unsigned __int128>(1) << (63 + bits)) / five),
                                      1023 + 64 - bits - k - 1};
  }
  return powers;
}();

constexpr double kCannotTell = std::numeric_limits<double>::quiet_NaN();

/// digits * 10^-k, correctly rounded, for k from kFewest to kMost; kCannotTell for one number in 500.
///
/// The product with the cut-off power is too small by less than 1 in its upper half, so its upper bits are true unless
/// all bits below them are ones. A tie can't be: it would need more than 64 bits of digits. Source: D. Lemire, "Number
/// parsing at a gigabyte per second" (2021), for this range alone.
inline double scale_down(uint64_t digits, int k) {
  if (digits == 0) return 0;
  const int leading = std::countl_zero(digits);
  const NegativePower& power = kNegativePowers[static_cast<size_t>(k)];
  const auto upper = static_cast<uint64_t>(static_cast<unsigned __int128>(digits << leading) * power.fraction >> 64);
  if ((upper & 0x1FF) == 0x1FF) return kCannotTell;
  const uint64_t top = upper >> 63;
  const uint64_t mantissa = ((upper >> (9 + top)) + 1) >> 1;  // 53 bits, or 2^53, which carries into the exponent
  const uint64_t exponent = static_cast<uint64_t>(power.exponent - leading - 1) + top;
  return std::bit_cast<double>((exponent << 52) + mantissa);
}

/// digits * 10^exponent, correctly rounded; kCannotTell where neither way can.
inline double scale(uint64_t digits, int exponent) {
  if (exponent <= -kFewest && exponent >= -kMost) return scale_down(digits, -exponent);
  if (digits > kExactInDouble || exponent < -22 || exponent > 22) return kCannotTell;
  const auto exact =
      static_cast<double>(static_cast<int64_t>(digits));  // and the power, so there is one rounding (Clinger, 1990)
  return exponent <= 0 ? exact / kExactPowers[static_cast<size_t>(-exponent)]
                       : exact * kExactPowers[static_cast<size_t>(exponent)];
}

/// No branch: half of all numbers are negative, in no order.
inline double with_sign(double value, bool negative) {
  return std::bit_cast<double>(std::bit_cast<uint64_t>(value) | static_cast<uint64_t>(negative) << 63);
}

/// Takes "e-05" off the front, if it is there.
bool take_exponent(const char*& p, int& exponent) {
  if (*p != 'e' && *p != 'E') return true;
  ++p;
  const bool negative = *p == '-';
  if (negative || *p == '+') ++p;
  const uint64_t word = load8(p);
  const int count = count_digits(word);
  if (count < 1 || count > 3) return false;
  const auto value = static_cast<int>(append_digits(0, word, count));
  exponent += negative ? -value : value;
  p += count;
  return true;
}

/// Takes digits off the front, as long as there is room for them; false if there are more.
bool take_digits(const char*& p, uint64_t& digits, int& count) {
  count = 0;
  for (int words = 0; words < 3; ++words) {
    const uint64_t word = load8(p);
    const int more = count_digits(word);
    if (digits >= kLeavesRoomFor[static_cast<size_t>(more)]) return false;
    digits = append_digits(digits, word, more);
    p += more;
    count += more;
    if (more < 8) return true;
  }
  return false;
}

/// A number of any form but its sign that fills the text; false if it is not for this reader.
bool read_any_number(const char* p, const char* end, double& value) {
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
  if (!take_exponent(p, exponent)) return false;
  if (p != end) return false;
  value = scale(digits, exponent);
  if (std::isnan(value)) fast_float::from_chars(begin, end, value);
  return fits_float(value);
}

/// [n] keeps the last n of eight characters.
constexpr std::array<uint64_t, 9> kLast = [] {
  std::array<uint64_t, 9> masks{};
  for (size_t n = 1; n <= 8; ++n) masks[n] = ~uint64_t{0} << (64 - 8 * n);
  return masks;
}();

/// Reads a number whose sign and end are known; false if it is not for this reader.
bool read_other_number(const char* p, const char* end, bool negative, double& value) {
  if (p == end) {
    value = std::numeric_limits<double>::quiet_NaN();
    return !negative;
  }
  const bool read = read_any_number(p, end, value);
  value = with_sign(value, negative);
  return read;
}

/// Reads the number from p to its end; false if it is not for this reader. The commonest form, one digit, a point and 1
/// to 17 more, is read from its known end backwards and without a branch that can't be foreseen, so that many numbers
/// are under way at once.
inline bool read_number(const char* p, const char* end, double& value) {
  const bool negative = *p == '-';
  p += static_cast<int>(negative);
  const auto count = static_cast<int>(end - p) - 2;  // of digits behind the point
  const uint64_t whole = static_cast<unsigned char>(*p) - uint64_t{'0'};
  uint64_t digits = 0;
  uint64_t others = 0;
  if (whole > 9 || p[1] != '.' || count < 1 || count > 17) return read_other_number(p, end, negative, value);
  if (count <= 8) {
    const uint64_t word = load8(end - 8) & kLast[static_cast<size_t>(count)];
    others = non_digits(word);
    digits = whole * kPowers[static_cast<size_t>(count)] + value_of_eight(word);
  } else {
    const uint64_t next = static_cast<unsigned char>(p[2]) - uint64_t{'0'};
    const bool seventeen = count == 17;
    const auto middle = static_cast<size_t>(seventeen ? 8 : count - 8);
    const uint64_t upper = load8(end - 16) & kLast[middle];
    const uint64_t lower = load8(end - 8);
    others = non_digits(upper) | non_digits(lower) | (next > 9 ? 1 : 0);
    digits = seventeen ? whole * 10 + next : whole;
    digits = digits * kPowers[middle] + value_of_eight(upper);
    digits = digits * kPowers[8] + value_of_eight(lower);
  }
  if (others != 0) return read_other_number(p, end, negative, value);
  value = with_sign(scale(digits, -count), negative);
  return value == value || read_other_number(p, end, negative, value);
}

/// A bit for each of 64 characters that is `a` or `b`.
inline uint64_t find_either(const char* p, char a, char b) {
  uint64_t found = 0;
#if defined(__SSE2__)
  using Bytes = char __attribute__((vector_size(16)));
  for (int part = 0; part < 4; ++part) {
    Bytes bytes;
    std::memcpy(&bytes, p + 16 * part, sizeof bytes);
    const auto equal = reinterpret_cast<Bytes>((bytes == a) | (bytes == b));
    found |= static_cast<uint64_t>(static_cast<uint32_t>(__builtin_ia32_pmovmskb128(equal))) << 16 * part;
  }
#else
  for (int i = 0; i < 64; ++i) found |= static_cast<uint64_t>(p[i] == a || p[i] == b) << i;
#endif
  return found;
}

inline int count_bits(uint64_t bits) {  // the instruction for it is not in every x86-64
  bits -= bits >> 1 & 0x5555555555555555;
  bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
  return static_cast<int>(((bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F) * 0x0101010101010101 >> 56);
}

}  // namespace

CsvNumberRows::CsvNumberRows(int64_t columns, char separator)
    : columns_(columns),
      separator_(separator),
      capacity_(std::clamp<int64_t>(kBlockCells / columns, 1, kMostRows)),
      stride_(capacity_ + kPadding),
      block_(static_cast<size_t>(columns * stride_)),
      borders_(kBorderBytes + kSlack) {}

/// Fills borders_ for the text; how many there are.
size_t CsvNumberRows::find_borders(std::string_view text) {
  constexpr int kAtOnce = 8;  // written whether they are there or not, so that their number costs no branch
  size_t count = 0;
  for (size_t begin = 0; begin < text.size(); begin += 64) {
    uint64_t found = find_either(text.data() + begin, separator_, '\n');
    if (text.size() - begin < 64) found &= (uint64_t{1} << (text.size() - begin)) - 1;
    const int more = count_bits(found);
    for (int written = 0; written < more; written += kAtOnce) {
      for (int i = 0; i < kAtOnce; ++i) {
        borders_[count + static_cast<size_t>(written + i)] =
            static_cast<uint32_t>(begin) + static_cast<uint32_t>(std::countr_zero(found | uint64_t{1} << 63));
        found &= found - 1;
      }
    }
    count += static_cast<size_t>(more);
  }
  return count;
}

bool CsvNumberRows::read_row(const char* text, const uint32_t* borders, uint32_t begin) {
  double* cell = block_.data() + rows_;
  const int64_t last = columns_ - 1;
  for (int64_t column = 0; column < last; ++column, cell += stride_) {
    const uint32_t end = borders[column];
    if (text[end] != separator_ || !read_number(text + begin, text + end, *cell)) return false;
    begin = end + 1;
  }
  uint32_t end = borders[last];
  if (text[end] != '\n') return false;
  if (end > begin && text[end - 1] == '\r') --end;
  if (end == begin) return false;  // perhaps a blank line
  return read_number(text + begin, text + end, *cell);
}

void CsvNumberRows::read(std::string_view text, int64_t max_rows) {
  rows_ = 0;
  bytes_ = 0;
  const int64_t wanted = std::min(capacity_, max_rows);
  while (rows_ < wanted) {
    const std::string_view part = text.substr(bytes_, kBorderBytes);
    const size_t borders = find_borders(part);
    const auto rows = std::min<int64_t>(static_cast<int64_t>(borders) / columns_, wanted - rows_);
    if (rows == 0) return;
    uint32_t begin = 0;
    for (int64_t row = 0; row < rows; ++row) {
      const uint32_t* const ends = borders_.data() + row * columns_;
      if (!read_row(part.data(), ends, begin)) {
        bytes_ += begin;
        return;
      }
      begin = ends[columns_ - 1] + 1;
      ++rows_;
    }
    bytes_ += begin;
  }
}

}  // namespace redbud
