#include "redbud/kernels/dropout.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "redbud/kernels/cpu/pointwise_kernels.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels {

std::span<const Kernel<DropoutMaskProblem, DropoutMaskArgs>> dropout_mask_kernels() {
  static const std::array list = {cpu::dropout_mask, ref::dropout_mask};
  return list;
}

std::span<const Kernel<DropoutApplyProblem, DropoutApplyArgs>> dropout_apply_kernels() {
  static const std::array list = {cpu::dropout_apply, ref::dropout_apply};
  return list;
}

uint32_t dropout_threshold(double rate) {
  return static_cast<uint32_t>(std::clamp(std::round(rate * 65536.0), 0.0, 65535.0));
}

AlphaDropout alpha_dropout(uint32_t threshold) {
  constexpr double kSaturated = -1.0507009873554805 * 1.6732632423543772;  // what SELU gives far below 0
  const double p = threshold / 65536.0;
  const double scale = 1.0 / std::sqrt((1.0 - p) * (1.0 + p * kSaturated * kSaturated));
  const double shift = -scale * p * kSaturated;
  return {.scale = scale, .shift = shift, .dropped = scale * kSaturated + shift};
}

double dropout_scale(uint32_t threshold) { return 65536.0 / (65536.0 - threshold); }

}  // namespace redbud::kernels
