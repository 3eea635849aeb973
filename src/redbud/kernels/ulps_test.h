#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

// How tests of elementary functions measure: in units in the last place.
namespace redbud::kernels {

/// The distance in units in the last place of the float next to the truth (denormal floats included).
inline double ulps(float value, double truth) {
  if (std::isnan(truth)) return std::isnan(value) ? 0.0 : HUGE_VAL;
  const float nearest = static_cast<float>(truth);
  if (std::isinf(nearest) || std::isinf(value)) return value == nearest ? 0.0 : HUGE_VAL;
  // By its bits: std::ilogb and std::ldexp take most of the time of a test of all floats. 0 and denormals count as
  // 2^-126.
  const auto biased = static_cast<int64_t>(std::bit_cast<uint64_t>(truth) >> 52 & 0x7FF);
  const int64_t exponent = std::max<int64_t>(biased - 1023, -126);
  const auto ulp = std::bit_cast<double>(static_cast<uint64_t>(exponent - 23 + 1023) << 52);
  return std::abs(static_cast<double>(value) - truth) / ulp;
}

/// Calls body(values) with every step-th float, infinities and NaN included, 4,096 at a time.
template <class Body>
void for_floats(uint64_t step, const Body& body) {
  std::vector<float> x;
  for (uint64_t bits = 0; bits <= 0xFFFFFFFFu; bits += step) {
    x.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    if (x.size() < 4096) continue;
    body(x);
    x.clear();
  }
  if (!x.empty()) body(x);
}

}  // namespace redbud::kernels
