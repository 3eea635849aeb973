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

/// Digits by a power of ten, where they are more than a double holds; false in the rare cases that this can't tell.
inline bool divide_long(uint64_t digits, double divisor, double& value) {
  const int exponent = exponent_of(divisor);
  const double magnitude = scale_down(digits, exponent);
  value = std::copysign(magnitude, divisor);
  return magnitude == magnitude;
}

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
  const bool inexact = digits >> 53 != 0 && !divide_long(digits, args.divisor[cell], args.values[cell]);
  return (non_digits(upper) | non_digits(lower)) != 0 || inexact ? 1 : 0;
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

template <class D, class Mask>
uint64_t bits_of(D d, Mask mask) {
  std::array<uint8_t, 8> bytes{};
  hn::StoreMaskBits(d, mask, bytes.data());
  return bytes[0];
}

inline uint64_t read_group(const NumberRowsArgs& args, const char* text, int64_t cell) {
  const Words d;
  const hn::Rebind<int64_t, Words> di;
  const hn::Rebind<double, Words> df;
  auto over = hn::Zero(d);
  const auto digits = hn::Add(join_last_digits(args, text, cell, over), hn::LoadU(d, args.lead + cell));
  // Up to 2^53 digits and power are exact, so there is one rounding (Clinger, 1990).
  const auto exact = hn::ConvertTo(df, hn::BitCast(di, digits));
  hn::StoreU(hn::Div(exact, hn::LoadU(df, args.divisor + cell)), df, args.values + cell);
  uint64_t others = bits_of(d, hn::Ne(over, hn::Zero(d)));
  uint64_t inexact = bits_of(d, hn::Ne(hn::ShiftRight<53>(digits), hn::Zero(d)));
  if (inexact == 0) return others;

  alignas(64) std::array<uint64_t, 8> all_digits;
  hn::Store(digits, d, all_digits.data());
  for (; inexact != 0; inexact &= inexact - 1) {
    const auto lane = std::countr_zero(inexact);
    const bool told = divide_long(all_digits.data()[lane], args.divisor[cell + lane], args.values[cell + lane]);
    others |= static_cast<uint64_t>(!told) << lane;
  }
  return others;
}

#endif

}  // namespace redbud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
