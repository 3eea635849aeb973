#include "redbud/data/sources/csv_number_rows.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "redbud/data/sources/decimal.h"
#include "redbud/data/sources/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "redbud/data/sources/csv_number_rows.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "redbud/data/sources/csv_number_group-inl.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::HWY_NAMESPACE {

/// Writes where separators and line ends stand; how many there are.
size_t find_borders(std::string_view text, char separator, int32_t* borders) {
  int32_t* next = borders;
  for (size_t begin = 0; begin < text.size(); begin += 64) {
    uint64_t found = find_either(text.data() + begin, separator, '\n');
    if (text.size() - begin < 64) found &= (uint64_t{1} << (text.size() - begin)) - 1;
    const int count = std::popcount(found);
    int32_t* at = next;
    next += count;
    do {  // four at once, whether they are there or not, so that their number costs few branches
      for (int i = 0; i < 4; ++i) {
        at[i] = static_cast<int32_t>(begin) + static_cast<int32_t>(std::countr_zero(found));
        found &= found - 1;
      }
      at += 4;
    } while (at < next);
  }
  std::fill_n(next, kGroup, 0);  // so that a group that is not full reads nothing beyond the text
  return static_cast<size_t>(next - borders);
}

/// What is to be done with a cell that has so many digits behind the point.
struct Form {
  uint64_t worth[3];  // of the digits before the last 16: the one before the point, and the first two behind it
  double divisor;
  uint32_t other_bits;  // in which bytes of its first four those digits may not have an upper bit
  uint8_t last;         // digits that are left, 16 at most
};
constexpr int64_t kMostDigits = 18;
constexpr std::array<Form, kMostDigits + 1> kForms = [] {
  std::array<Form, kMostDigits + 1> forms{};
  for (size_t count = 1; count <= kMostDigits; ++count) {
    const bool has17 = count > 16;
    const bool has18 = count > 17;
    forms[count] = {
        .worth = {kPowersOfTen[count], has17 ? kPowersOfTen[count - 1] : 0, has18 ? kPowersOfTen[count - 2] : 0},
        .divisor = kExactPowers[count],
        .other_bits = 0x80U | (has17 ? 0x800000U : 0U) | (has18 ? 0x80000000U : 0U),
        .last = static_cast<uint8_t>(std::min<size_t>(count, 16))};
  }
  return forms;
}();

/// What becomes of a cell of a common form.
struct TakenApart {
  uint64_t lead = 0;
  double divisor = 1;
  uint8_t last = 0;
  bool is_common = false;
};

/// Takes apart what has several digits before the point, or no point: 1 to 15 digits alone, or 2 to 7 before it and 1
/// to 11 behind it.
inline TakenApart take_other_apart(const char* p, const char* end, uint64_t negative) {
  const int64_t size = end - p;
  const uint64_t chars = load_eight(p);
  const int64_t whole =
      (std::countr_zero(non_digits(chars) | uint64_t{1} << 63) + 1) / 8 - 1;  // 7 where there is none among them
  if (whole >= 2 && p[whole] == '.' && size > whole + 1 && size <= whole + 12) {
    const int64_t count = size - whole - 1;
    const uint64_t before = value_of_eight(chars << (64 - 8 * whole));
    return {.lead = before * kPowersOfTen.data()[count],
            .divisor = with_sign(kExactPowers.data()[count], negative),
            .last = static_cast<uint8_t>(count),
            .is_common = true};
  }
  if (size < 1 || size > 15) return {};  // all below 2^53
  return {.lead = 0, .divisor = with_sign(1, negative), .last = static_cast<uint8_t>(size), .is_common = true};
}

/// Takes a cell of a common form apart: one digit, a point and 1 to 18 more, or as take_other_apart. Where 17 digits
/// and more are frequent (a quarter of all doubles in full length have them) there is no branch for them, which would
/// often be mistaken.
template <bool kLongIsFrequent>
inline TakenApart take_apart(const char* p, const char* end) {
  const uint64_t negative = minus_sign(*p);
  p += negative;
  const uint32_t chars = load_four(p);
  constexpr uint32_t kPoint = ('.' ^ '0') << 8;
  if ((chars & 0xFF00) != kPoint) return take_other_apart(p, end, negative);
  const int64_t count = end - p - 2;  // of digits behind the point
  if (count < 1 || count > kMostDigits) return {};
  const Form& form = kForms.data()[count];
  if ((((chars + 0x76767676) | chars) & form.other_bits) != 0) return {};
  uint64_t lead = (chars & 0xFF) * form.worth[0];
  if (kLongIsFrequent || count > 16) lead += (chars >> 16 & 0xFF) * form.worth[1] + (chars >> 24) * form.worth[2];
  return {.lead = lead, .divisor = with_sign(form.divisor, negative), .last = form.last, .is_common = true};
}

/// Takes the cells of rows apart; how many rows have as many cells as there are columns.
template <bool kLongIsFrequent>
int64_t take_rows_apart(const NumberRowsArgs& args, const char* text, int64_t rows) {
  const int64_t columns = args.columns;
  const char separator = args.separator;
  const int32_t* __restrict borders = args.borders;
  uint8_t* __restrict last = args.last;
  uint64_t* __restrict lead = args.lead;
  double* __restrict divisor = args.divisor;
  uint64_t* __restrict others = args.others;
  std::fill_n(others, rows * columns / 64 + 1, 0);
  const auto put = [&](int64_t cell, const TakenApart& taken) {
    lead[cell] = taken.lead;
    divisor[cell] = taken.divisor;
    last[cell] = taken.last;
    if (!taken.is_common) others[cell / 64] |= uint64_t{1} << cell % 64;
  };
  int64_t cell = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const char* p = text + borders[cell] + 1;
    for (int64_t column = 1; column < columns; ++column, ++cell) {
      const char* const end = text + borders[cell + 1];
      if (*end != separator) return row;
      put(cell, take_apart<kLongIsFrequent>(p, end));
      p = end + 1;
    }
    const char* const end = text + borders[cell + 1];
    if (*end != '\n') return row;
    put(cell, end[-1] == '\r' ? TakenApart{} : take_apart<kLongIsFrequent>(p, end));
    ++cell;
  }
  return rows;
}

/// Reads a cell that is of another form; false if it is none for this reader at all.
bool read_other(const NumberRowsArgs& args, const char* text, int64_t cell) {
  const char* const p = text + args.borders[cell] + 1;
  const char* end = text + args.borders[cell + 1];
  if ((cell + 1) % args.columns == 0) {
    if (end > p && end[-1] == '\r') --end;
    if (end == p) return false;  // perhaps a blank line
  }
  const uint64_t negative = minus_sign(*p);
  return read_decimal(p + negative, end, negative, args.values[cell]);
}

/// Reads the cells of rows; how many rows there are before the first cell that can't be read.
int64_t read_cells(const NumberRowsArgs& args, const char* text, int64_t rows, bool& has_gaps) {
  // By the mean length: sign, digit, point and separator leave 15 for the others.
  const bool long_is_frequent = args.borders[rows * args.columns] > 19 * rows * args.columns;
  rows = long_is_frequent ? take_rows_apart<true>(args, text, rows) : take_rows_apart<false>(args, text, rows);
  const int64_t cells = rows * args.columns;
  for (int64_t cell = 0; cell < cells; cell += kGroup)
    args.others[cell / 64] |= read_group(args, text, cell) << cell % 64;
  for (int64_t word = 0; 64 * word < cells; ++word) {
    for (uint64_t bits = args.others[word]; bits != 0; bits &= bits - 1) {
      const int64_t cell = 64 * word + std::countr_zero(bits);
      if (cell >= cells) break;
      if (!read_other(args, text, cell)) return cell / args.columns;
      has_gaps |= std::isnan(args.values[cell]);
    }
  }
  return rows;
}

NumberRowsRead read_rows(const NumberRowsArgs& all) {
  NumberRowsRead done;
  NumberRowsArgs args = all;
  while (done.rows < all.max_rows) {
    const std::string_view part = all.text.substr(done.bytes, NumberRowsArgs::kPartBytes);
    args.borders[0] = -1;
    const auto borders = static_cast<int64_t>(find_borders(part, args.separator, args.borders + 1));
    const int64_t wanted = std::min(borders / args.columns, all.max_rows - done.rows);
    if (wanted == 0) break;
    const int64_t rows = read_cells(args, part.data(), wanted, done.has_gaps);
    done.bytes += static_cast<size_t>(args.borders[rows * args.columns] + 1);
    done.rows += rows;
    args.values += rows * args.columns;
    if (rows < wanted) break;
  }
  return done;
}

}  // namespace redbud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace redbud {
namespace {

HWY_EXPORT(read_rows);

constexpr int64_t kBlockCells = 4 * 1024;       // 32 KB: they leave it before they leave the first cache
constexpr int64_t kMostBlockCells = 64 * 1024;  // for tables of many columns, which take 16 rows at once up to that

}  // namespace

CsvNumberRows::CsvNumberRows(int64_t columns, char separator)
    : columns_(columns),
      separator_(separator),
      capacity_(std::max({kBlockCells / columns, std::min(kMostBlockCells / columns, int64_t{16}), int64_t{1}})) {
  constexpr size_t kCells = NumberRowsArgs::kPartBytes + NumberRowsArgs::kMore;
  values_.resize(static_cast<size_t>(columns * capacity_) + NumberRowsArgs::kMore);
  borders_.resize(kCells);
  last_.resize(kCells);
  lead_.resize(kCells);
  divisor_.resize(kCells);
  others_.resize(kCells / 64 + 1);
}

void CsvNumberRows::read(std::string_view text, int64_t max_rows) {
  const NumberRowsRead done = HWY_DYNAMIC_DISPATCH(read_rows)({.text = text,
                                                               .columns = columns_,
                                                               .separator = separator_,
                                                               .max_rows = std::min(capacity_, max_rows),
                                                               .values = values_.data(),
                                                               .borders = borders_.data(),
                                                               .last = last_.data(),
                                                               .lead = lead_.data(),
                                                               .divisor = divisor_.data(),
                                                               .others = others_.data()});
  rows_ = done.rows;
  bytes_ = done.bytes;
  has_gaps_ = done.has_gaps;
}

}  // namespace redbud
#endif
