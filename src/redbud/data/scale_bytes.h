#pragma once
#include <cstdint>

namespace redbud {

/// x[i] = (from[i] - mean) * scale
void scale_bytes(const uint8_t* from, int64_t count, float mean, float scale, float* x);

}  // namespace redbud
