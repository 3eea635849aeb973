#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace redbud {

/// A column of numbers, and how they become a feature.
struct ScaledColumn {
  const double* numbers = nullptr;
  double mean = 0.0;
  double scale = 1.0;
};

constexpr size_t kScaledTogether = 4;

/// Columns that lie one after the other become features that lie side by side:
///
///   x[i, k] = clamp((v - mean[k]) * scale[k], -limit, limit)   v = numbers[k][rows[i]], the mean where it is missing
///
/// Shapes  x (rows, 4), `stride` floats between rows; limit 0: none
void scale_columns(const std::array<ScaledColumn, kScaledTogether>& columns, double limit,
                   std::span<const int64_t> rows, float* x, int64_t stride);

}  // namespace redbud
