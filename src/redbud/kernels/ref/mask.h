#pragma once
#include <cstdint>

#include "redbud/kernels/dropout.h"

namespace redbud::kernels::ref {

/// Whether a dropout mask keeps element (n, k).
inline bool is_kept(const uint8_t* mask, int64_t features, int64_t n, int64_t k) {
  return ((mask[n * dropout_blocks(features) + k / 8] >> (k % 8)) & 1) != 0;
}

}  // namespace redbud::kernels::ref
