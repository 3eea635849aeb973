#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace redbud {

/// Parts of a reader of decimal numbers that is exact and quick; what is rare is left to fast_float.

inline constexpr std::array<uint64_t, 19> kPowersOfTen = [] {
  std::array<uint64_t, 19> powers{};
  uint64_t power = 1;
  for (uint64_t& entry : powers) {
    entry = power;
    power *= 10;
  }
  return powers;
}();

/// Eight characters, each less '0'; the first one lowest.
inline uint64_t load_eight(const char* p) {
  uint64_t word = 0;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word ^ 0x3030303030303030;
}

inline uint32_t load_four(const char* p) {
  uint32_t word = 0;
  std::memcpy(&word, p, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
  return word ^ 0x30303030;
}

/// Marks, in their upper bits, the bytes that are no digits: truly up to the first of them, whose carry may spoil those
/// behind it.
inline uint64_t non_digits(uint64_t word) { return ((word + 0x7676767676767676) | word) & 0x8080808080808080; }

/// The number that eight digits make. Source: D. Lemire, "Quickly parsing eight digits" (2018).
inline uint64_t value_of_eight(uint64_t word) {
  word = word * 10 + (word >> 8);  // pairs, in bytes 0, 2, 4, 6
  constexpr uint64_t kMask = 0x000000FF000000FF;
  return (((word & kMask) * 0x000F424000000064) + (((word >> 16) & kMask) * 0x0000271000000001)) >> 32;
}

/// 10^-k for the method of Eisel and Lemire: 5^-k as a fraction of 64 bits, cut off, and the exponent that goes with
/// it.
struct NegativePower {
  uint64_t fraction = 0;
  int64_t exponent = 0;
};
inline constexpr int kFirstNegativePower = 5;  // below that a number may lie exactly between two doubles
inline constexpr int kLastNegativePower = 27;  // 5^27 < 2^63
inline constexpr std::array<NegativePower, 32> kNegativePowers = [] {  // 32, so that five bits can't lead out of it
  std::array<NegativePower, 32> powers{};
  uint64_t five = 1;
  for (NegativePower& power : powers) {
    const auto k = &power - powers.data();
    const auto bits = static_cast<int>(std::bit_width(five));
    power = {static_cast<uint64_t>((static_cast<unsigned __int128>(1) << (63 + bits)) / five),
             1023 + 64 - bits - k - 2};
    if (k < kLastNegativePower) five *= 5;
  }
  return powers;
}();

inline constexpr double kCannotTell = std::numeric_limits<double>::quiet_NaN();

/// digits * 10^-k, correctly rounded, for k from kFirstNegativePower to kLastNegativePower; kCannotTell for one number
/// in 500.
///
/// The product with the cut-off power is too small by less than 1 in its upper half, so its upper bits are true unless
/// all bits below them are ones. A tie can't be: it would need more than 64 bits of digits.
///
/// Source    D. Lemire, "Number parsing at a gigabyte per second" (2021), for this range alone
inline double scale_down(uint64_t digits, int k) {
  if (digits == 0) return 0;
  const int leading = std::countl_zero(digits);
  const NegativePower& power = kNegativePowers.data()[k];
  const auto upper = static_cast<uint64_t>(static_cast<unsigned __int128>(digits << leading) * power.fraction >> 64);
  if ((upper & 0x1FF) == 0x1FF) return kCannotTell;
  const uint64_t top = upper >> 63;
  const uint64_t mantissa = ((upper >> (9 + top)) + 1) >> 1;  // 53 bits, or 2^53, which carries into the exponent
  const uint64_t exponent = static_cast<uint64_t>(power.exponent - leading) + top;
  return std::bit_cast<double>((exponent << 52) + mantissa);
}

inline constexpr uint64_t kLargestExactDouble = uint64_t{1} << 53;
inline constexpr std::array<double, 23> kExactPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// k of a power 10^k from 10^5 to 10^22, whatever its sign: 10^k has floor(k * log2(10)) as its binary exponent.
inline int exponent_of(double power_of_ten) {
  const auto binary = static_cast<int>(std::bit_cast<uint64_t>(power_of_ten) >> 52 & 0x7FF) - 1023;
  return (binary * 1233 >> 12) + 1;  // 1233 / 4096 is log10(2), nearly
}

/// digits * 10^exponent, correctly rounded; kCannotTell where neither way can.
inline double scale_by_ten(uint64_t digits, int exponent) {
  if (exponent <= -kFirstNegativePower && exponent >= -kLastNegativePower) return scale_down(digits, -exponent);
  if (digits > kLargestExactDouble || exponent < -22 || exponent > 22) return kCannotTell;
  const auto exact =
      static_cast<double>(static_cast<int64_t>(digits));  // and the power, so there is one rounding (Clinger, 1990)
  return exponent <= 0 ? exact / kExactPowers.data()[-exponent] : exact * kExactPowers.data()[exponent];
}

/// 1 for '-', else 0. By arithmetic: compilers write the result of a comparison to a part of a register, which has to
/// wait for the register's last use, here the number before.
inline uint64_t minus_sign(char c) { return ((static_cast<unsigned char>(c) ^ uint64_t{'-'}) - 1) >> 63; }

/// No branch: half of all numbers are negative, in no order.
inline double with_sign(double value, uint64_t negative) {
  return std::bit_cast<double>(std::bit_cast<uint64_t>(value) | negative << 63);
}

/// Reads the text from p to end, behind its sign, as a number: digits, a point, an exponent, at most 19 digits; NaN
/// where it is empty and has no sign. May read 16 bytes beyond. False if it is anything else, or more than a float
/// holds.
bool read_decimal(const char* p, const char* end, uint64_t negative, double& value);

}  // namespace redbud
