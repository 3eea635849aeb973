#include "redbud/data/sources/csv_number_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "redbud/data/sources/decimal.h"
#include "redbud/data/sources/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/data/sources/csv_number_rows.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::HWY_NAMESPACE {

/// The last `count` of up to 16 digits before `end` (1 to 16) as a number; false if one of them is none.
#if HWY_TARGET == HWY_SCALAR

inline bool value_of_last(const char* end, int count, uint64_t& value) {
  const int upper_count = std::max(count - 8, 0);
  const uint64_t upper_mask = upper_count == 0 ? 0 : ~uint64_t{0} << (64 - 8 * upper_count);
  const uint64_t upper = load_eight(end - 16) & upper_mask;
  const uint64_t lower = load_eight(end - 8) & ~uint64_t{0} << (64 - 8 * std::min(count, 8));
  value = value_of_eight(upper) * kPowersOfTen[8] + value_of_eight(lower);
  return (non_digits(upper) | non_digits(lower)) == 0;
}

/// A bit for each of 64 characters that is `a` or `b`.
inline uint64_t find_either(const char* p, char a, char b) {
  uint64_t found = 0;
  for (int i = 0; i < 64; ++i) found |= static_cast<uint64_t>(p[i] == a || p[i] == b) << i;
  return found;
}

#else

namespace hn = hwy::HWY_NAMESPACE;

alignas(32) constexpr std::array<uint8_t, 32> kLastBytes = [] {  // 16 bytes from [n] on keep the last n
  std::array<uint8_t, 32> masks{};
  for (size_t i = 16; i < 32; ++i) masks[i] = 0xFF;
  return masks;
}();

inline bool value_of_last(const char* end, int count, uint64_t& value) {
  const hn::Full128<uint8_t> d8;
  const hn::Full128<uint16_t> d16;
  const hn::Full128<uint32_t> d32;
  const hn::Full128<uint64_t> d64;
  const auto text = hn::LoadU(d8, reinterpret_cast<const uint8_t*>(end) - 16);
  const auto digits = hn::And(hn::Xor(text, hn::Set(d8, '0')), hn::LoadU(d8, kLastBytes.data() + count));
  const auto is_digit = hn::Eq(hn::SaturatedSub(digits, hn::Set(d8, 9)), hn::Zero(d8));
  // Neighbours are joined to numbers of 2, 4 and 8 digits; the first of them stands in the lower half of a lane.
  const auto ones = hn::BitCast(d16, digits);
  const auto twos = hn::Add(hn::Mul(hn::And(ones, hn::Set(d16, 0xFF)), hn::Set(d16, 10)), hn::ShiftRight<8>(ones));
  const auto hundreds = hn::BitCast(d32, hn::Mul(twos, hn::BitCast(d16, hn::Set(d32, 0x00010064))));
  const auto fours = hn::Add(hn::And(hundreds, hn::Set(d32, 0xFFFF)), hn::ShiftRight<16>(hundreds));
  const auto eights = hn::Add(hn::MulEven(fours, hn::Set(d32, 10'000)), hn::ShiftRight<32>(hn::BitCast(d64, fours)));
  value = hn::GetLane(eights) * kPowersOfTen[8] + hn::ExtractLane(eights, 1);
  return hn::AllTrue(d8, is_digit);
}

inline uint64_t find_either(const char* p, char a, char b) {
  const hn::CappedTag<uint8_t, 64> d;
  const auto a_lanes = hn::Set(d, static_cast<uint8_t>(a));
  const auto b_lanes = hn::Set(d, static_cast<uint8_t>(b));
  std::array<uint8_t, 8> bits{};
  for (size_t i = 0; i < 64; i += hn::Lanes(d)) {
    const auto text = hn::LoadU(d, reinterpret_cast<const uint8_t*>(p) + i);
    hn::StoreMaskBits(d, hn::Or(hn::Eq(text, a_lanes), hn::Eq(text, b_lanes)), bits.data() + i / 8);
  }
  uint64_t found = 0;
  std::memcpy(&found, bits.data(), sizeof found);
  return found;
}

#endif

/// Reads the number from p to its end; false if it is not for this reader, or for read_decimal. The commonest form, one
/// digit, a point and 1 to 18 more, is read from its known end backwards and, but for the last digits of long numbers,
/// without a branch that can't be foreseen: many numbers are under way at once.
inline bool read_common_number(const char* p, const char* end, double& value) {
  const uint64_t negative = minus_sign(*p);
  p += negative;
  const auto count = static_cast<int>(end - p) - 2;  // of digits behind the point
  uint64_t first = static_cast<unsigned char>(p[0]) - uint64_t{'0'};
  if (first > 9 || p[1] != '.' || count < 1) return false;
  int last = count;
  if (count > 16) {
    if (count > 18) return false;
    for (p += 2; p < end - 16; ++p) {
      const uint64_t digit = static_cast<unsigned char>(*p) - uint64_t{'0'};
      if (digit > 9) return false;
      first = first * 10 + digit;
    }
    last = 16;
  }
  uint64_t digits = 0;
  if (!value_of_last(end, last, digits)) return false;
  digits += first * kPowersOfTen.data()[last];
  value = with_sign(scale_by_ten(digits, -count), negative);
  return value == value;
}

/// Writes where separators and line ends stand; how many there are.
size_t find_borders(std::string_view text, char separator, uint32_t* borders) {
  constexpr int kAtOnce = 8;  // written whether they are there or not, so that their number costs no branch
  uint32_t* next = borders;
  for (size_t begin = 0; begin < text.size(); begin += 64) {
    uint64_t found = find_either(text.data() + begin, separator, '\n');
    if (text.size() - begin < 64) found &= (uint64_t{1} << (text.size() - begin)) - 1;
    const int count = std::popcount(found);
    for (int written = 0; written < count; written += kAtOnce) {
      for (int i = 0; i < kAtOnce; ++i) {
        next[written + i] = static_cast<uint32_t>(begin) + static_cast<uint32_t>(std::countr_zero(found));
        found &= found - 1;
      }
    }
    next += count;
  }
  return static_cast<size_t>(next - borders);
}

/// Cells from `column` on until the last but one, or one that is not common; gives its column, and where it begins.
inline int64_t read_common_cells(const NumberRowsArgs& args, const char* text, const uint32_t* borders, int64_t column,
                                 uint32_t& begin, double* cells) {
  const int64_t last = args.columns - 1;
  const int64_t stride = args.stride;
  const char separator = args.separator;
  for (double* cell = cells + column * stride; column < last; ++column, cell += stride) {
    const uint32_t end = borders[column];
    if (text[end] != separator || !read_common_number(text + begin, text + end, *cell)) break;
    begin = end + 1;
  }
  return column;
}

bool read_number(const char* p, const char* end, double& value) {
  const uint64_t negative = minus_sign(*p);
  return read_common_number(p, end, value) || read_decimal(p + negative, end, negative, value);
}

bool read_row(const NumberRowsArgs& args, const char* text, const uint32_t* borders, uint32_t begin, double* cells) {
  const int64_t last = args.columns - 1;
  int64_t column = 0;
  while ((column = read_common_cells(args, text, borders, column, begin, cells)) < last) {
    const uint32_t end = borders[column];
    if (text[end] != args.separator || !read_number(text + begin, text + end, cells[column * args.stride]))
      return false;
    begin = end + 1;
    ++column;
  }
  uint32_t end = borders[last];
  if (text[end] != '\n') return false;
  if (end > begin && text[end - 1] == '\r') --end;
  if (end == begin) return false;  // perhaps a blank line
  return read_number(text + begin, text + end, cells[last * args.stride]);
}

NumberRowsRead read_rows(const NumberRowsArgs& args) {
  NumberRowsRead done;
  while (done.rows < args.max_rows) {
    const std::string_view part = args.text.substr(done.bytes, NumberRowsArgs::kBorderBytes);
    const auto borders = static_cast<int64_t>(find_borders(part, args.separator, args.borders));
    const int64_t rows = std::min(borders / args.columns, args.max_rows - done.rows);
    if (rows == 0) break;
    uint32_t begin = 0;
    for (int64_t row = 0; row < rows; ++row) {
      const uint32_t* const ends = args.borders + row * args.columns;
      if (!read_row(args, part.data(), ends, begin, args.block + done.rows)) {
        done.bytes += begin;
        return done;
      }
      begin = ends[args.columns - 1] + 1;
      ++done.rows;
    }
    done.bytes += begin;
  }
  return done;
}

}  // namespace redbud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud {
namespace {

HWY_EXPORT(read_rows);

constexpr int64_t kBlockCells = 32 * 1024;  // 256 KB: a part of an L2
constexpr int64_t kMostRows = 120;
constexpr int64_t kPadding = 9;  // so that columns don't all fall on the same sets of a cache

}  // namespace

CsvNumberRows::CsvNumberRows(int64_t columns, char separator)
    : columns_(columns),
      separator_(separator),
      capacity_(std::clamp<int64_t>(kBlockCells / columns, 1, kMostRows)),
      stride_(capacity_ + kPadding),
      block_(static_cast<size_t>(columns * stride_)),
      borders_(NumberRowsArgs::kBorderBytes + NumberRowsArgs::kMoreBorders) {}

void CsvNumberRows::read(std::string_view text, int64_t max_rows) {
  const NumberRowsRead done = HWY_DYNAMIC_DISPATCH(read_rows)({.text = text,
                                                               .columns = columns_,
                                                               .separator = separator_,
                                                               .max_rows = std::min(capacity_, max_rows),
                                                               .block = block_.data(),
                                                               .stride = stride_,
                                                               .borders = borders_.data()});
  rows_ = done.rows;
  bytes_ = done.bytes;
}

}  // namespace redbud
#endif
