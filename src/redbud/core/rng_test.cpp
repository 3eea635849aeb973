#include "redbud/core/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "redbud/core/error.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

using Words = std::array<uint32_t, 4>;

/// Sum of (found - expected)^2 / expected over bins that are all as likely.
double chi_square(const std::vector<int64_t>& counts, int64_t draws) {
  const double expected = static_cast<double>(draws) / static_cast<double>(counts.size());
  double sum = 0;
  for (const int64_t count : counts) sum += std::pow(static_cast<double>(count) - expected, 2) / expected;
  return sum;
}

/// Mean of chi-square is its degrees of freedom, its variance twice that; 5 standard deviations to both sides (too even
/// is wrong too).
testing::AssertionResult is_even(const std::vector<int64_t>& counts, int64_t draws) {
  const double freedom = static_cast<double>(counts.size() - 1);
  const double found = chi_square(counts, draws);
  if (std::abs(found - freedom) < 5 * std::sqrt(2 * freedom)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "chi-square " << found << " at " << freedom << " degrees of freedom";
}

// philox4x32, 10 rounds, from kat_vectors of Random123 1.14.
TEST(Philox, MatchesRandom123) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomKey, PlacesEveryPartInTheCounter) {
  const RandomKey key{
      .seed = 0x299f31d0a4093822, .stream = Stream::Dropout, .lane = 0x00d3, .step = 0x0370734413198a2e};
  EXPECT_EQ(key.block(7), philox4x32({7, 0x000400d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}));
  for (int64_t i = 0; i < 40; ++i) {
    EXPECT_EQ(random_word(key, i), key.block(static_cast<uint32_t>(i / 4))[static_cast<size_t>(i % 4)]);
  }
}

TEST(RandomKey, EveryPartChangesTheWords) {
  const RandomKey base{.seed = 5, .stream = Stream::Data, .lane = 3, .step = 9};
  std::set<uint32_t> words;
  std::vector<RandomKey> keys(7, base);
  keys[1].seed ^= 1;
  keys[2].seed ^= uint64_t{1} << 63;
  keys[3].stream = Stream::Split;
  keys[4].lane = 4;
  keys[5].step ^= 1;
  keys[6].step ^= uint64_t{1} << 63;
  for (const RandomKey& key : keys) {
    for (int64_t i = 0; i < 1000; ++i) words.insert(random_word(key, i));
  }
  // 7000 words of 2^32 collide 0.006 times on average.
  EXPECT_GE(words.size(), 6998u);
}

TEST(RandomKey, RefusesWhatItsCounterCannotHold) {
  const RandomKey key;
  EXPECT_NO_THROW(random_word(key, (int64_t{1} << 34) - 1));
  EXPECT_TRUE(throws_error([&] { random_word(key, int64_t{1} << 34); }, ErrorKind::Internal, "core/rng.cpp"));
  EXPECT_TRUE(throws_error([&] { random_word(key, -4); }, ErrorKind::Internal, "core/rng.cpp"));
  EXPECT_TRUE(throws_error([] { random_word({.lane = 65536}, 0); }, ErrorKind::Internal, "core/rng.cpp"));
}

TEST(RandomUniform, IsEvenInItsUpperBitsAndInPairs) {
  constexpr int64_t kDraws = 1 << 18;
  std::vector<int64_t> single(256);
  std::vector<int64_t> pairs(256);
  for (int64_t i = 0; i < kDraws; ++i) {
    const RandomKey key{.seed = 1};
    const float value = random_uniform(key, i);
    ASSERT_GE(value, 0.0F);
    ASSERT_LT(value, 1.0F);
    ASSERT_EQ(value * 0x1p24F, std::floor(value * 0x1p24F));
    ++single[static_cast<size_t>(value * 256)];
    ++pairs[static_cast<size_t>(value * 16) * 16 + static_cast<size_t>(random_uniform(key, i + 1) * 16)];
  }
  EXPECT_TRUE(is_even(single, kDraws));
  EXPECT_TRUE(is_even(pairs, kDraws));
}

TEST(RandomUniform, IsIndependentAcrossSeedsLanesAndSteps) {
  constexpr int64_t kDraws = 1 << 16;
  const auto pairs_with = [&](RandomKey other) {
    std::vector<int64_t> counts(256);
    for (int64_t i = 0; i < kDraws; ++i) {
      const auto a = static_cast<size_t>(random_uniform({.seed = 8}, i) * 16);
      const auto b = static_cast<size_t>(random_uniform(other, i) * 16);
      ++counts[a * 16 + b];
    }
    return counts;
  };
  EXPECT_TRUE(is_even(pairs_with({.seed = 9}), kDraws));
  EXPECT_TRUE(is_even(pairs_with({.seed = 8, .lane = 1}), kDraws));
  EXPECT_TRUE(is_even(pairs_with({.seed = 8, .step = 1}), kDraws));
  EXPECT_TRUE(is_even(pairs_with({.seed = 8, .stream = Stream::Dropout}), kDraws));
  EXPECT_FALSE(is_even(pairs_with({.seed = 8}), kDraws)) << "the same stream twice must be seen as dependent";
}

TEST(RandomNormal, FollowsTheNormalDistribution) {
  constexpr int64_t kDraws = 100'000;
  std::vector<double> values(kDraws);
  for (int64_t i = 0; i < kDraws; ++i) values[static_cast<size_t>(i)] = random_normal({.seed = 3}, i);
  std::sort(values.begin(), values.end());
  double farthest = 0;  // Kolmogorov-Smirnov
  for (size_t i = 0; i < values.size(); ++i) {
    const double truth = 0.5 * std::erfc(-values[i] / std::sqrt(2.0));
    const double below = static_cast<double>(i) / kDraws;
    farthest = std::max({farthest, std::abs(truth - below), std::abs(truth - below - 1.0 / kDraws)});
  }
  EXPECT_LT(farthest * std::sqrt(kDraws), 1.95);  // exceeded by chance once in 1,000
  EXPECT_GT(values.back(), 3.7);                  // and it has tails: P(no value above) < 3e-5
  EXPECT_LT(values.front(), -3.7);
}

TEST(RandomNormal, NeighboursAreUncorrelated) {
  constexpr int64_t kDraws = 100'000;
  for (const int64_t lag : {1, 2, 3, 4}) {
    double product = 0;
    for (int64_t i = 0; i < kDraws; ++i) product += random_normal({.seed = 4}, i) * random_normal({.seed = 4}, i + lag);
    EXPECT_LT(std::abs(product / std::sqrt(kDraws)), 4.0) << lag;  // its standard deviation is 1
  }
}

TEST(RandomNormal, IsBoxMullerOfItsBlock) {
  const RandomKey key{.seed = 12, .stream = Stream::Initialise, .lane = 2, .step = 1};
  const Words w = key.block(21);
  const auto unit = [](uint32_t high, uint32_t low) {
    return (std::floor((high * 0x1p32 + low) * 0x1p-12) + 0.5) * 0x1p-52;
  };
  const double radius = std::sqrt(-2 * std::log(unit(w[0], w[1])));
  const double angle = 2 * 3.14159265358979323846 * unit(w[2], w[3]);
  EXPECT_DOUBLE_EQ(random_normal(key, 42), radius * std::cos(angle));
  EXPECT_DOUBLE_EQ(random_normal(key, 43), radius * std::sin(angle));
}

}  // namespace
}  // namespace redbud
