#include "redbud/data/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "redbud/data/read.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

Dataset classes_of(const std::vector<int32_t>& y, int32_t classes) {
  const std::vector<float> x(y.size(), 1.0F);
  std::vector<std::string> names;
  for (int32_t i = 0; i < classes; ++i) names.push_back(std::to_string(i));
  return from_arrays(x, static_cast<int64_t>(y.size()), std::span(y), names);
}

std::map<int32_t, int64_t> count_classes(const Dataset& data) {
  std::map<int32_t, int64_t> counts;
  for (int64_t row : data.selection()) ++counts[data.arrays()->classes[static_cast<size_t>(row)]];
  return counts;
}

std::vector<int64_t> order_of(int64_t size, uint64_t seed, uint64_t epoch) {
  const Permutation permutation(size, seed, epoch);
  std::vector<int64_t> order;
  for (int64_t i = 0; i < size; ++i) order.push_back(permutation(i));
  return order;
}

TEST(Permutation, IsABijectionForEverySize) {
  for (int64_t size = 1; size <= 2000; ++size) {
    std::vector<bool> met(static_cast<size_t>(size));
    const Permutation permutation(size, 3, static_cast<uint64_t>(size % 5));
    for (int64_t i = 0; i < size; ++i) {
      const int64_t to = permutation(i);
      ASSERT_TRUE(to >= 0 && to < size && !met[static_cast<size_t>(to)]) << "size " << size << ", index " << i;
      met[static_cast<size_t>(to)] = true;
    }
  }
}

TEST(Permutation, DependsOnSeedAndEpochAlone) {
  EXPECT_EQ(order_of(1000, 1, 2), order_of(1000, 1, 2));
  EXPECT_NE(order_of(1000, 1, 2), order_of(1000, 1, 3));
  EXPECT_NE(order_of(1000, 1, 2), order_of(1000, 2, 2));
  EXPECT_NE(order_of(1000, 1, 0), order_of(1000, 1, uint64_t{1} << 32));
}

/// Each place gets each index equally often, and neighbours don't stay together.
TEST(Permutation, IsUnbiased) {
  constexpr int64_t kSize = 12;
  constexpr int64_t kEpochs = 12'000;
  std::vector<int64_t> counts(kSize * kSize);
  int64_t neighbours = 0;
  for (uint64_t epoch = 0; epoch < kEpochs; ++epoch) {
    const std::vector<int64_t> order = order_of(kSize, 42, epoch);
    for (int64_t i = 0; i < kSize; ++i) ++counts[static_cast<size_t>(i * kSize + order[static_cast<size_t>(i)])];
    for (size_t i = 1; i < order.size(); ++i) neighbours += order[i] == order[i - 1] + 1;
  }
  double chi2 = 0;
  constexpr double kExpected = static_cast<double>(kEpochs) / kSize;
  for (int64_t count : counts)
    chi2 += (static_cast<double>(count) - kExpected) * (static_cast<double>(count) - kExpected) / kExpected;
  EXPECT_LT(chi2, 121 + 5 * std::sqrt(2 * 121.0)) << "121 degrees of freedom, five standard deviations";
  // An order has on average (n - 1) / n such pairs, with a variance of about 1.
  EXPECT_NEAR(static_cast<double>(neighbours) / kEpochs, 11.0 / 12, 5 / std::sqrt(static_cast<double>(kEpochs)));
}

TEST(Permutation, HoldsForLargeSizes) {
  const int64_t size = (int64_t{1} << 40) + 12345;
  const Permutation permutation(size, 1, 1);
  std::set<int64_t> met;
  for (int64_t i = 0; i < 10'000; ++i) {
    const int64_t to = permutation(size - 1 - i);
    EXPECT_TRUE(to >= 0 && to < size);
    met.insert(to);
  }
  EXPECT_EQ(met.size(), 10'000U);
}

TEST(Split, KeepsTheProportionsOfClasses) {
  std::vector<int32_t> y;
  for (int i = 0; i < 1000; ++i) y.push_back(i % 10 == 0 ? 2 : i % 10 < 4 ? 1 : 0);  // 600, 300, 100
  const Split parts = split(classes_of(y, 3), {.validation = 0.2, .seed = 1});
  EXPECT_EQ(count_classes(parts.validation), (std::map<int32_t, int64_t>{{0, 120}, {1, 60}, {2, 20}}));
  EXPECT_EQ(count_classes(parts.train), (std::map<int32_t, int64_t>{{0, 480}, {1, 240}, {2, 80}}));
}

TEST(Split, PartsAreTheWholeInTheOrderOfTheFile) {
  std::vector<int32_t> y(101);
  for (size_t i = 0; i < y.size(); ++i) y[i] = static_cast<int32_t>(i % 3);
  const Dataset data = classes_of(y, 3);
  const Split parts = split(data, {.validation = 33, .seed = 5});
  EXPECT_EQ(parts.validation.rows(), 33);
  const auto a = parts.train.selection();
  const auto b = parts.validation.selection();
  EXPECT_TRUE(std::is_sorted(a.begin(), a.end()));
  EXPECT_TRUE(std::is_sorted(b.begin(), b.end()));
  std::vector<int64_t> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end());
  for (size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], static_cast<int64_t>(i));
  ASSERT_EQ(all.size(), y.size());
}

TEST(Split, TheSeedDecides) {
  const std::vector<float> x(200, 0.5F);
  const Dataset data = from_arrays(x, 100, std::span<const float>(x).first(100));
  const auto rows = [&](uint64_t seed) {
    const Split parts = split(data, {.validation = 0.25, .seed = seed});
    return std::vector<int64_t>(parts.validation.selection().begin(), parts.validation.selection().end());
  };
  EXPECT_EQ(rows(1), rows(1));
  EXPECT_NE(rows(1), rows(2));
  EXPECT_EQ(rows(1).size(), 25U);
}

TEST(Split, OfASelection) {
  const Dataset data = classes_of({0, 1, 0, 1, 0, 1, 0, 1}, 2);
  const std::vector<int64_t> rows = {7, 6, 1, 0};
  const Split parts = split(data.select(rows), {.validation = 2, .seed = 1});
  for (const Dataset& part : {parts.train, parts.validation}) {
    EXPECT_EQ(count_classes(part), (std::map<int32_t, int64_t>{{0, 1}, {1, 1}}));
  }
}

TEST(Split, RefusesAnEmptyPart) {
  const Dataset data = classes_of({0, 1, 0, 1}, 2);
  EXPECT_TRUE(throws_error([&] { split(data, {.validation = 4}); }, ErrorKind::Data,
                           "no row is left for training (validation 4 of 4 rows)"));
  EXPECT_TRUE(
      throws_error([&] { split(data, {.validation = 0.01}); }, ErrorKind::Data, "no row is left for validation"));
  EXPECT_TRUE(throws_error([&] { split(data, {.validation = -1}); }, ErrorKind::Usage,
                           "validation is not a share or a count (-1)"));
  EXPECT_TRUE(throws_error([&] { split(data, {.validation = NAN}); }, ErrorKind::Usage, "not a share"));
}

}  // namespace
}  // namespace redbud
