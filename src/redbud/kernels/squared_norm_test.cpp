#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/kernels/optimizer_step.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

struct Norm {
  double sum = -1.0;
  bool finite = false;
};

template <class T>
Norm norm_of(std::string_view name, std::vector<T> g) {
  Norm norm;
  TestPool pool(2);
  kernel_named(squared_norm_kernels(), name)
      .run({.type = dtype_of<T>, .size = static_cast<int64_t>(g.size())},
           {.g = g.data(), .sum = &norm.sum, .finite = &norm.finite}, pool);
  return norm;
}

TEST(SquaredNorm, SumsSquaresOfAnyLength) {
  for_each_target([&] {
    for (size_t size = 0; size <= 200; ++size) {
      std::vector<float> g;
      for (size_t i = 0; i < size; ++i) g.push_back(static_cast<float>(i) - 50.0F);
      double expected = 0.0;
      for (const float v : g) expected += static_cast<double>(v) * static_cast<double>(v);
      EXPECT_EQ(norm_of("cpu:simd", g).sum, expected);  // whole numbers: no rounding
      EXPECT_EQ(norm_of("ref", g).sum, expected);
      EXPECT_TRUE(norm_of("cpu:simd", g).finite && norm_of("ref", g).finite);
    }
  });
}

TEST(SquaredNorm, FindsWhatIsNotFiniteAnywhere) {
  const float infinity = std::numeric_limits<float>::infinity();
  for_each_target([&] {
    for (const auto name : {"cpu:simd", "ref"}) {
      for (size_t at = 0; at < 150; ++at) {
        for (const float bad : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}) {
          std::vector<float> g(150, 1.0F);
          g[at] = bad;
          EXPECT_FALSE(norm_of(name, g).finite) << at;
        }
      }
    }
  });
}

TEST(SquaredNorm, LargeFiniteValuesAreFinite) {
  for_each_target([&] {
    for (const auto name : {"cpu:simd", "ref"}) {
      const Norm norm = norm_of(name, std::vector<float>(1000, 3e38F));
      EXPECT_TRUE(norm.finite);
      EXPECT_NEAR(norm.sum, 9e79, 9e79 * tolerance(DType::F32));
    }
  });
  EXPECT_TRUE(norm_of("ref", std::vector<double>{1e300}).finite);
}

TEST(SquaredNorm, BitsAreTheSameForAllThreads) {
  std::vector<float> g(500'003);
  for (size_t i = 0; i < g.size(); ++i) g[i] = random_uniform({.seed = 1}, static_cast<int64_t>(i)) - 0.5F;
  Norm norm;
  expect_same_bits_for_all_threads(
      kernel_named(squared_norm_kernels(), "cpu:simd"), SquaredNormProblem{.size = 500'003},
      SquaredNormArgs{.g = g.data(), .sum = &norm.sum, .finite = &norm.finite}, [&] { norm = {}; },
      [&] { return std::pair(norm.sum, norm.finite); });
  EXPECT_NEAR(norm.sum, norm_of("ref", g).sum, 1e-9 * norm.sum);
}

}  // namespace
}  // namespace redbud::kernels
