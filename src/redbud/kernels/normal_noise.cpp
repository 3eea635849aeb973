#include "redbud/kernels/normal_noise.h"

#include <array>
#include <cmath>
#include <numbers>

#include "redbud/kernels/cpu/normal_noise.h"
#include "redbud/kernels/ref/normal_noise.h"

namespace redbud::kernels {

std::span<const Kernel<NormalNoiseProblem, NormalNoiseArgs>> normal_noise_kernels() {
  static const std::array list = {cpu::normal_noise, ref::normal_noise};
  return list;
}

double normal_of_words(const std::array<uint32_t, 4>& words, int64_t k) {
  const auto pair = static_cast<size_t>(k / 2 * 2);
  const double u = static_cast<double>(words[pair] >> 8 | 1u) * 0x1p-24;
  const double angle = std::numbers::pi * static_cast<double>(static_cast<int32_t>(words[pair + 1]) >> 8) * 0x1p-23;
  return std::sqrt(-2.0 * std::log(u)) * (k % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

}  // namespace redbud::kernels
