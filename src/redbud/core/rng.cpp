#include "redbud/core/rng.h"

#include <cmath>
#include <numbers>

#include "redbud/core/error.h"

namespace redbud {
namespace {

std::array<uint32_t, 4> checked_block(const RandomKey& key, int64_t index) {
  RB_ASSERT(index >= 0 && index <= int64_t{0xFFFFFFFF} && key.lane <= 0xFFFF);
  return key.block(static_cast<uint32_t>(index));
}

/// In (0, 1): 52 bits, moved by half a step so that its logarithm is finite.
double open_unit(uint32_t high, uint32_t low) {
  const uint64_t bits = (uint64_t{high} << 32 | low) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

}  // namespace

uint32_t random_word(const RandomKey& key, int64_t element) {
  return checked_block(key, element / 4)[static_cast<size_t>(element % 4)];
}

float random_uniform(const RandomKey& key, int64_t element) {
  return static_cast<float>(random_word(key, element) >> 8) * 0x1p-24F;
}

double random_normal(const RandomKey& key, int64_t element) {
  const auto words = checked_block(key, element / 2);
  const double radius = std::sqrt(-2.0 * std::log(open_unit(words[0], words[1])));
  const double angle = 2.0 * std::numbers::pi * open_unit(words[2], words[3]);
  return element % 2 == 0 ? radius * std::cos(angle) : radius * std::sin(angle);
}

}  // namespace redbud
