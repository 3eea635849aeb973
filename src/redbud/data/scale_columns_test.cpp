#include "redbud/data/scale_columns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace redbud {
namespace {

constexpr int64_t kRows = 1100;
constexpr int64_t kStride = 7;
constexpr float kUntouched = -77.0F;

double value_of(int64_t row, size_t column) {
  if ((row + static_cast<int64_t>(column)) % 5 == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::sin(static_cast<double>(row)) * 20.0 + static_cast<double>(column);
}

/// In descending order, so that rows don't lie as they are asked for.
std::vector<int64_t> last_rows(int64_t count) {
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < count; ++i) rows.push_back(kRows - 1 - i);
  return rows;
}

void expect_scaled(int64_t count, double limit) {
  std::array<std::vector<double>, kScaledTogether> numbers;
  std::array<ScaledColumn, kScaledTogether> columns;
  for (size_t k = 0; k < kScaledTogether; ++k) {
    for (int64_t row = 0; row < kRows; ++row) numbers[k].push_back(value_of(row, k));
    columns[k] = {numbers[k].data(), 0.3 + static_cast<double>(k), 1.0 / (3.0 + static_cast<double>(k))};
  }
  const std::vector<int64_t> rows = last_rows(count);
  std::vector<float> x(static_cast<size_t>(count * kStride), kUntouched);
  scale_columns(columns, limit, rows, x.data(), kStride);
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t k = 0; k < kStride; ++k) {
      float expected = kUntouched;
      if (k < kScaledTogether) {
        const double v = numbers[k][static_cast<size_t>(rows[i])];
        double z = std::isnan(v) ? 0.0 : (v - columns[k].mean) * columns[k].scale;
        if (limit > 0.0) z = std::clamp(z, -limit, limit);
        expected = static_cast<float>(z);
      }
      ASSERT_EQ(x[i * kStride + k], expected) << count << " rows, row " << i << ", column " << k;
    }
  }
}

TEST(ScaleColumns, IsTheFormula) {
  for (const int64_t count : {0, 1, 2, 3, 7, 8, 9, 511, 512, 513, 1100}) {
    expect_scaled(count, 5.0);
    expect_scaled(count, 0.0);
  }
}

}  // namespace
}  // namespace redbud
