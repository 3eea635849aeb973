#include "redbud/data/scale_row.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "redbud/core/rng.h"

namespace redbud {
namespace {

template <class T>
std::vector<T> some_values(int64_t count) {
  std::vector<T> values(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    const double uniform = random_uniform(RandomKey{.seed = 5}, i);
    values[static_cast<size_t>(i)] = static_cast<T>(uniform * 255.0);
  }
  return values;
}

/// Of every length from every start, so that each has been in a vector and in the rest behind the last.
template <class T>
void expect_scaled() {
  constexpr int64_t kCount = 70;
  const std::vector<T> from = some_values<T>(kCount);
  const std::vector<float> means = some_values<float>(kCount);
  std::vector<float> scales = some_values<float>(kCount);
  for (float& scale : scales) scale = 1.0F / (1.0F + scale);
  for (int64_t begin = 0; begin < 5; ++begin) {
    for (int64_t count = 0; begin + count <= kCount; ++count) {
      std::vector<float> by_all(static_cast<size_t>(count) + 1, -7.0F);
      std::vector<float> by_each = by_all;
      scale_row(from.data() + begin, count, ScaleOfAll{3.5F, 0.1F}, by_all.data());
      scale_row(from.data() + begin, count, ScaleOfEach{means.data(), scales.data()}, by_each.data());
      for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
        const auto value = static_cast<float>(from[static_cast<size_t>(begin) + i]);
        ASSERT_EQ(by_all[i], (value - 3.5F) * 0.1F) << count << " from " << begin;
        ASSERT_EQ(by_each[i], (value - means[i]) * scales[i]) << count << " from " << begin;
      }
      ASSERT_EQ(by_all.back(), -7.0F);
      ASSERT_EQ(by_each.back(), -7.0F);
    }
  }
}

TEST(ScaleRow, OfBytesIsTheFormula) { expect_scaled<uint8_t>(); }

TEST(ScaleRow, OfFloatsIsTheFormula) { expect_scaled<float>(); }

TEST(ScaleRow, AMissingValueIsTheMean) {
  std::vector<float> from(37, 2.0F);
  for (size_t at : {size_t{0}, size_t{15}, size_t{36}}) from[at] = std::nanf("");
  const std::vector<float> means(37, 1.0F);
  const std::vector<float> scales(37, 4.0F);
  std::vector<float> by_all(37);
  std::vector<float> by_each(37);
  scale_row(from.data(), 37, ScaleOfAll{1.0F, 4.0F}, by_all.data());
  scale_row(from.data(), 37, ScaleOfEach{means.data(), scales.data()}, by_each.data());
  for (size_t i = 0; i < 37; ++i) {
    EXPECT_EQ(by_all[i], std::isnan(from[i]) ? 0.0F : 4.0F) << i;
    EXPECT_EQ(by_each[i], by_all[i]) << i;
  }
}

}  // namespace
}  // namespace redbud
