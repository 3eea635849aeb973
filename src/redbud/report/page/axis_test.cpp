#include "redbud/report/page/axis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace redbud::page {
namespace {

TEST(Axis, EndsAndTicksAreRound) {
  const Axis axis = Axis::linear(0.301, 0.372);
  EXPECT_EQ(axis.labels(), (std::vector<std::string>{"0.30", "0.32", "0.34", "0.36", "0.38"}));
  EXPECT_NEAR(axis.place(0.34), 0.5, 1e-9);
  EXPECT_EQ(Axis::linear(0, 1000).labels().back(), "1,000");
  const Axis as_given = Axis::linear(1, 8, false);
  EXPECT_EQ(as_given.place(1), 0.0);
  EXPECT_EQ(as_given.place(8), 1.0);
}

TEST(Axis, EqualEndsAreSpread) {
  for (const double value : {0.0, 0.001, -7.0, 1e9}) {
    const Axis axis = Axis::linear(value, value);
    EXPECT_LT(axis.low(), value);
    EXPECT_GT(axis.high(), value);
  }
}

TEST(Axis, IsLogarithmicWhereValuesReachFar) {
  const Axis wide = Axis::over({3e-6, 0.2});
  EXPECT_TRUE(wide.is_logarithmic());
  EXPECT_NEAR(wide.low(), 1e-6, 1e-12);
  EXPECT_EQ(wide.high(), 1.0);
  EXPECT_NEAR(wide.place(1e-3), 0.5, 1e-9);
  EXPECT_FALSE(Axis::over({0.1, 0.2}).is_logarithmic());
  EXPECT_FALSE(Axis::over({0.0, 100.0}).is_logarithmic()) << "0 has no logarithm";
}

TEST(Axis, ValuesThatAreNotFiniteDontCount) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Axis axis = Axis::over({std::nan(""), 2.0, infinity, 4.0});
  EXPECT_EQ(axis.low(), 2.0);
  EXPECT_EQ(axis.high(), 4.0);
  EXPECT_EQ(Axis::over({std::nan("")}).high(), 1.0);
}

TEST(Axis, AnyRangeHasFewTicksWithinIt) {
  for (const double low : {0.0, 1e-12, 0.999, 5.0, 123.0}) {
    for (const double range : {1e-9, 0.013, 0.5, 7.0, 1e6, 3e11}) {
      for (const Axis& axis : {Axis::linear(low, low + range), Axis::over({low, low + range})}) {
        EXPECT_GE(axis.ticks().size(), 2U) << low << " + " << range;
        EXPECT_LE(axis.ticks().size(), 10U) << low << " + " << range;
        for (const double tick : axis.ticks()) {
          EXPECT_GE(axis.place(tick), -1e-9);
          EXPECT_LE(axis.place(tick), 1.0 + 1e-9);
        }
      }
    }
  }
}

}  // namespace
}  // namespace redbud::page
