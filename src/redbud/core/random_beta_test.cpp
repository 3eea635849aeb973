#include "redbud/core/random_beta.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace redbud {
namespace {

constexpr int64_t kDraws = 40'000;

struct Moments {
  double mean = 0.0;
  double square = 0.0;  // of the distance from 1/2
  double fourth = 0.0;
};

Moments moments_of(double alpha) {
  const RandomKey key{.seed = 7, .stream = Stream::Augment};
  Moments m;
  for (int64_t i = 0; i < kDraws; ++i) {
    const double x = random_beta(key, i, alpha);
    EXPECT_TRUE(x >= 0.0 && x <= 1.0) << x;
    const double d = x - 0.5;
    m.mean += x / kDraws;
    m.square += d * d / kDraws;
    m.fourth += d * d * d * d / kDraws;
  }
  return m;
}

TEST(RandomBeta, MomentsAreThoseOfTheDistribution) {
  for (const double alpha : {0.05, 0.2, 0.5, 1.0, 1.5, 2.0, 8.0, 100.0}) {
    SCOPED_TRACE(alpha);
    // Beta(a, a): variance 1 / (4 (2a + 1)); fourth central moment 3 / (16 (2a + 1) (2a + 3))
    const double variance = 1.0 / (4.0 * (2.0 * alpha + 1.0));
    const double fourth = 3.0 / (16.0 * (2.0 * alpha + 1.0) * (2.0 * alpha + 3.0));
    const Moments found = moments_of(alpha);
    const double n = kDraws;
    EXPECT_NEAR(found.mean, 0.5, 5.0 * std::sqrt(variance / n));
    EXPECT_NEAR(found.square, variance, 5.0 * std::sqrt((fourth - variance * variance) / n));
    // Within 5 standard errors, bounded by the eighth moment's: at most 2^-4 of the fourth.
    EXPECT_NEAR(found.fourth, fourth, 5.0 * std::sqrt(fourth / 16.0 / n));
  }
}

/// For alpha = 1 every share of [0, 1] holds its length; for 2 the distribution function is x^2 (3 - 2 x).
TEST(RandomBeta, DistributionFunctionsOfOneAndTwo) {
  const RandomKey key{.seed = 8, .stream = Stream::Augment};
  for (const double x : {0.1, 0.3, 0.5, 0.8}) {
    int64_t below_one = 0, below_two = 0;
    for (int64_t i = 0; i < kDraws; ++i) {
      below_one += random_beta(key, i, 1.0) < x ? 1 : 0;
      below_two += random_beta(key, i, 2.0) < x ? 1 : 0;
    }
    const double error = 5.0 * 0.5 / std::sqrt(static_cast<double>(kDraws));
    EXPECT_NEAR(static_cast<double>(below_one) / kDraws, x, error);
    EXPECT_NEAR(static_cast<double>(below_two) / kDraws, x * x * (3.0 - 2.0 * x), error);
  }
}

TEST(RandomBeta, IsAFunctionOfKeyAndElement) {
  const RandomKey one{.seed = 1, .stream = Stream::Augment, .step = 4};
  const RandomKey other{.seed = 1, .stream = Stream::Augment, .step = 5};
  EXPECT_EQ(random_beta(one, 3, 0.4), random_beta(one, 3, 0.4));
  EXPECT_NE(random_beta(one, 3, 0.4), random_beta(one, 4, 0.4));
  EXPECT_NE(random_beta(one, 3, 0.4), random_beta(other, 3, 0.4));
}

}  // namespace
}  // namespace redbud
