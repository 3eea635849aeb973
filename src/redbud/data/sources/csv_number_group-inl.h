// The parts of csv_number_rows.cpp that are written for each instruction set.
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "redbud/data/sources/csv_number_rows.h"
#include "redbud/data/sources/decimal.h"

#if defined(REDBUD_DATA_CSV_NUMBER_GROUP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef REDBUD_DATA_CSV_NUMBER_GROUP_INL_H_
#undef REDBUD_DATA_CSV_NUMBER_GROUP_INL_H_
#else
#define REDBUD_DATA_CSV_NUMBER_GROUP_INL_H_
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace redbud::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

/// Cells that read_group reads at once: those that take_apart has taken apart. It gives a bit for each whose last
/// digits are none.
constexpr int64_t kGroup = 1;

/// A bit for each of 64 characters that is `a` or `b`.
inline uint64_t find_either(const char* p, char a, char b) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kLow = 0x7F7F7F7F7F7F7F7F;
  const uint64_t as = kOnes * static_cast<unsigned char>(a);
  const uint64_t bs = kOnes * static_cast<unsigned char>(b);
  uint64_t found = 0;
  for (int part = 0; part < 8; ++part) {
    uint64_t word = 0;
    std::memcpy(&word, p + 8 * part, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    // Upper bits of the bytes that differ from a and from b.
    const uint64_t not_a = (((word ^ as) & kLow) + kLow) | (word ^ as);
    const uint64_t not_b = (((word ^ bs) & kLow) + kLow) | (word ^ bs);
    const uint64_t marks = ~(not_a & not_b) >> 7 & kOnes;
    found |= (marks * 0x0102040810204080 >> 56) << 8 * part;
  }
  return found;
}

inline uint64_t read_group(const NumberRowsArgs& args, const char* text, int64_t cell) {
  const char* const end = text + args.borders[cell + 1];
  const int last = args.last[cell];
  const uint64_t upper = last <= 8 ? 0 : load_eight(end - 16) & ~uint64_t{0} << (64 - 8 * (last - 8));
  const uint64_t lower = last == 0 ? 0 : load_eight(end - 8) & ~uint64_t{0} << (64 - 8 * std::min(last, 8));
  const uint64_t digits = args.lead[cell] + value_of_eight(upper) * kPowersOfTen[8] + value_of_eight(lower);
  const double exact = static_cast<double>(static_cast<int64_t>(digits));
  args.values[cell] = exact / args.divisor[cell];
  bool told = true;
  if (digits > kLargestExactDouble) {
    const double magnitude = scale_down(digits, exponent_of(args.divisor[cell]));
    args.values[cell] = std::copysign(magnitude, args.divisor[cell]);
    told = magnitude == magnitude;
  }
  return (non_digits(upper) | non_digits(lower)) == 0 && told ? 0 : 1;
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<uint64_t, 8>;  // a lane a cell
using Texts = hn::Repartition<uint8_t, Words>;
constexpr int64_t kGroup = hn::MaxLanes(Words());
constexpr int64_t kTextsAtOnce = kGroup / 2;  // a vector holds the last 16 characters of half as many cells

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

alignas(32) constexpr std::array<uint8_t, 32> kLastBytes = [] {  // 16 bytes from [n] on keep the last n
  std::array<uint8_t, 32> masks{};
  for (size_t i = 16; i < 32; ++i) masks[i] = 0xFF;
  return masks;
}();

/// The last `count` of the 16 characters before `end`, less '0'.
inline hn::Vec<hn::Full128<uint8_t> > last_digits(const char* end, uint64_t count) {
  const hn::Full128<uint8_t> d;
  const auto text = hn::LoadU(d, reinterpret_cast<const uint8_t*>(end) - 16);
  return hn::And(hn::Xor(text, hn::Set(d, '0')), hn::LoadU(d, kLastBytes.data() + count));
}

/// The same for as many cells as a vector holds.
inline hn::Vec<Texts> last_digits_of(const char* text, const int32_t* ends, const uint8_t* counts) {
  const hn::Half<Texts> half;
  const auto at = [&](int i) { return last_digits(text + ends[i], counts[i]); };
#if HWY_TARGET <= HWY_AVX3
  return hn::Combine(Texts(), hn::Combine(half, at(3), at(2)), hn::Combine(half, at(1), at(0)));
#else
  (void)half;
  return hn::Combine(Texts(), at(1), at(0));
#endif
}

/// The numbers of 8 digits that the halves of 16 make. Neighbours are joined to numbers of 2, 4 and 8 digits; the first
/// of them stands in the lower half of a lane.
inline hn::Vec<Words> join_digits(hn::Vec<Texts> digits) {
  const hn::Repartition<uint16_t, Words> d16;
  const hn::Repartition<uint32_t, Words> d32;
  const Words d64;
  const auto ones = hn::BitCast(d16, digits);
  const auto twos = hn::Add(hn::Mul(hn::And(ones, hn::Set(d16, 0xFF)), hn::Set(d16, 10)), hn::ShiftRight<8>(ones));
  const auto hundreds = hn::BitCast(d32, hn::Mul(twos, hn::BitCast(d16, hn::Set(d32, 0x00010064))));
  const auto fours = hn::Add(hn::And(hundreds, hn::Set(d32, 0xFFFF)), hn::ShiftRight<16>(hundreds));
  return hn::Add(hn::MulEven(fours, hn::Set(d32, 10'000)), hn::ShiftRight<32>(hn::BitCast(d64, fours)));
}

/// The numbers that the last digits of a group's cells make, 16 at most; `over` is not 0 where characters are no
/// digits.
inline hn::Vec<Words> join_last_digits(const NumberRowsArgs& args, const char* text, int64_t cell,
                                       hn::Vec<Words>& over) {
  const Words d;
  const Texts d8;
  const hn::Repartition<uint32_t, Words> d32;
  const int32_t* const ends = args.borders + cell + 1;
  const auto texts0 = last_digits_of(text, ends, args.last + cell);
  const auto texts1 = last_digits_of(text, ends + kTextsAtOnce, args.last + cell + kTextsAtOnce);
  const auto over0 = hn::BitCast(d, hn::SaturatedSub(texts0, hn::Set(d8, 9)));
  const auto over1 = hn::BitCast(d, hn::SaturatedSub(texts1, hn::Set(d8, 9)));
  over = hn::Or(hn::ConcatEven(d, over1, over0), hn::ConcatOdd(d, over1, over0));
  const auto eights0 = join_digits(texts0);
  const auto eights1 = join_digits(texts1);
  const auto upper = hn::BitCast(d32, hn::ConcatEven(d, eights1, eights0));
  return hn::Add(hn::MulEven(upper, hn::Set(d32, 100'000'000)), hn::ConcatOdd(d, eights1, eights0));
}

/// The upper halves of products.
inline hn::Vec<Words> multiply_high(hn::Vec<Words> a, hn::Vec<Words> b) {
  const Words d;
  const hn::Repartition<uint32_t, Words> d32;
  const auto low_half = hn::Set(d, 0xFFFFFFFF);
  const auto product = [&](auto x, auto y) { return hn::MulEven(hn::BitCast(d32, x), hn::BitCast(d32, y)); };
  const auto a_high = hn::ShiftRight<32>(a);
  const auto b_high = hn::ShiftRight<32>(b);
  const auto middle1 = product(a_high, b);
  const auto middle2 = product(a, b_high);
  const auto carries =
      hn::Add(hn::Add(hn::ShiftRight<32>(product(a, b)), hn::And(middle1, low_half)), hn::And(middle2, low_half));
  const auto middles = hn::Add(hn::ShiftRight<32>(middle1), hn::ShiftRight<32>(middle2));
  return hn::Add(hn::Add(product(a_high, b_high), middles), hn::ShiftRight<32>(carries));
}

/// Digits below 2^63 by a power of ten from 10^5 on, as scale_down; `unsure` becomes true where it can't tell.
inline hn::Vec<Words> divide_long(hn::Vec<Words> digits, hn::Vec<Words> divisors, hn::Mask<Words>& unsure) {
  const Words d;
  const hn::Rebind<int64_t, Words> di;
  const hn::Rebind<double, Words> df;
  const hn::Repartition<uint32_t, Words> d32;
  const auto exponent_bits = hn::Set(d, 0x7FF);
  // The exponent of a double tells the leading zeros; without the bits that would be rounded up to the next power of
  // two.
  const auto floored = hn::ConvertTo(df, hn::BitCast(di, hn::AndNot(hn::ShiftRight<1>(digits), digits)));
  const auto leading = hn::Sub(hn::Set(d, 1023 + 63), hn::ShiftRight<52>(hn::BitCast(d, floored)));
  // As exponent_of.
  const auto binary = hn::Sub(hn::And(hn::ShiftRight<52>(divisors), exponent_bits), hn::Set(d, 1023));
  const auto power =
      hn::Add(hn::ShiftRight<12>(hn::MulEven(hn::BitCast(d32, binary), hn::Set(d32, 1233))), hn::Set(d, 1));
  const auto place = hn::BitCast(di, hn::ShiftLeft<1>(hn::And(power, hn::Set(d, 31))));
  const auto* const table = reinterpret_cast<const uint64_t*>(kNegativePowers.data());
  const auto fraction = hn::GatherIndex(d, table, place);
  const auto exponent = hn::GatherIndex(d, table + 1, place);
  const auto upper = multiply_high(hn::Shl(digits, leading), fraction);
  unsure = hn::Eq(hn::And(upper, hn::Set(d, 0x1FF)), hn::Set(d, 0x1FF));
  const auto top = hn::ShiftRight<63>(upper);
  const auto one = hn::Set(d, 1);
  const auto mantissa = hn::ShiftRight<1>(hn::Add(hn::Shr(hn::ShiftRight<9>(upper), top), one));
  return hn::Add(hn::ShiftLeft<52>(hn::Add(hn::Sub(exponent, leading), top)), mantissa);
}

inline uint64_t bits_of(hn::Mask<Words> mask) {
  std::array<uint8_t, 8> bytes{};
  hn::StoreMaskBits(Words(), mask, bytes.data());
  return bytes[0];
}

inline uint64_t read_group(const NumberRowsArgs& args, const char* text, int64_t cell) {
  const Words d;
  const hn::Rebind<int64_t, Words> di;
  const hn::Rebind<double, Words> df;
  const auto none = hn::Zero(d);
  auto over = none;
  const auto digits = hn::Add(join_last_digits(args, text, cell, over), hn::LoadU(d, args.lead + cell));
  const auto divisor = hn::LoadU(df, args.divisor + cell);
  auto others = hn::Ne(over, none);
  // Up to 2^53 digits and power are exact, so there is one rounding (Clinger, 1990).
  auto value = hn::BitCast(d, hn::Div(hn::ConvertTo(df, hn::BitCast(di, digits)), divisor));
  const auto is_long = hn::Ne(hn::ShiftRight<53>(digits), none);
  if (!hn::AllFalse(d, is_long)) {
    auto unsure = is_long;
    const auto sign = hn::And(hn::BitCast(d, divisor), hn::Set(d, uint64_t{1} << 63));
    value = hn::IfThenElse(is_long, hn::Or(divide_long(digits, hn::BitCast(d, divisor), unsure), sign), value);
    others = hn::Or(others, hn::And(is_long, hn::Or(unsure, hn::Ne(hn::ShiftRight<63>(digits), none))));
  }
  hn::StoreU(hn::BitCast(df, value), df, args.values + cell);
  return bits_of(others);
}

#endif

}  // namespace redbud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
