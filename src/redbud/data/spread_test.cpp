#include "redbud/data/spread.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <vector>

namespace redbud {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Column {
  std::vector<double> values;
  std::vector<int64_t> rows;

  Spread spread() const { return spread_of_rows(values.data(), rows); }
};

/// A mean far greater than the deviation, with gaps, of which every third row is left out.
Column hard_column(int64_t rows) {
  Column column;
  for (int64_t i = 0; i < rows; ++i) {
    const double value = 1e6 + std::sin(static_cast<double>(i * 5 + 1)) + 1e-4 * static_cast<double>(i);
    column.values.push_back(i % 7 == 0 ? kMissing : value);
  }
  for (int64_t i = rows - 1; i >= 0; --i) {
    if (i % 3 != 0) column.rows.push_back(i);
  }
  return column;
}

class Spreads : public testing::TestWithParam<int64_t> {};

TEST_P(Spreads, OfBlocksAreThoseOfAllRows) {
  const Column column = hard_column(GetParam());
  const Spread found = column.spread();
  const auto value = [&](int64_t i) { return column.values[static_cast<size_t>(column.rows[static_cast<size_t>(i)])]; };
  const Spread expected = spread_of(static_cast<int64_t>(column.rows.size()), value);
  EXPECT_EQ(found.count, expected.count);
  const double ulps = 4.0 * std::numeric_limits<double>::epsilon() * std::sqrt(static_cast<double>(GetParam()));
  EXPECT_NEAR(found.mean, expected.mean, ulps * std::abs(expected.mean));
  EXPECT_NEAR(found.deviation, expected.deviation, ulps * (std::abs(expected.mean) + expected.deviation));
}

INSTANTIATE_TEST_SUITE_P(Rows, Spreads, testing::Values(1, 2, 3, 12, 511, 1535, 1536, 1537, 1540, 10000));

TEST(Spread, OfEvenlySpacedNumbersIsTheClosedForm) {
  Column column{std::vector<double>(3001), std::vector<int64_t>(3001)};
  std::iota(column.values.begin(), column.values.end(), 1.0);
  std::iota(column.rows.begin(), column.rows.end(), 0);
  EXPECT_DOUBLE_EQ(column.spread().mean, 1501.0);
  EXPECT_DOUBLE_EQ(column.spread().deviation, std::sqrt((3001.0 * 3001.0 - 1.0) / 12.0));
}

TEST(Spread, OfNothingIsConstant) {
  const Column column{std::vector<double>(4, kMissing), {0, 1, 2, 3}};
  EXPECT_EQ(column.spread().count, 0);
  EXPECT_TRUE(column.spread().is_constant());
}

}  // namespace
}  // namespace redbud
