#pragma once
#include <cstdint>

namespace redbud {

/// One pair for all values, or one a value.
struct ScaleOfAll {
  float mean = 0.0F;
  float scale = 1.0F;
};
struct ScaleOfEach {
  const float* means = nullptr;
  const float* scales = nullptr;
};

/// x[i] = (from[i] - mean) * scale; 0, the mean's, where a value is NaN (missing).
void scale_row(const uint8_t* from, int64_t count, const ScaleOfAll& by, float* x);
void scale_row(const float* from, int64_t count, const ScaleOfAll& by, float* x);
void scale_row(const uint8_t* from, int64_t count, const ScaleOfEach& by, float* x);
void scale_row(const float* from, int64_t count, const ScaleOfEach& by, float* x);

}  // namespace redbud
