#include "redbud/kernels/max_norm.h"

#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

std::vector<float> weights_of(int64_t inputs, int64_t outputs) {
  std::vector<float> w(static_cast<size_t>(inputs * outputs));
  for (size_t i = 0; i < w.size(); ++i) {
    // Units differ in size, so that some are within the limit and some beyond.
    const double size = 0.2 * static_cast<double>(static_cast<int64_t>(i) % outputs % 7);
    w[i] = static_cast<float>(size * random_normal({.seed = 3}, static_cast<int64_t>(i)));
  }
  return w;
}

std::vector<float> limited(std::string_view kernel, std::vector<float> w, int64_t inputs, double limit) {
  TestPool pool(2);
  const auto outputs = static_cast<int64_t>(w.size()) / inputs;
  kernel_named(max_norm_kernels(), kernel).run({.inputs = inputs, .outputs = outputs}, {w.data(), limit}, pool);
  return w;
}

double norm_of_unit(const std::vector<float>& w, int64_t inputs, int64_t unit) {
  const auto outputs = static_cast<int64_t>(w.size()) / inputs;
  double sum = 0.0;
  for (int64_t c = 0; c < inputs; ++c) {
    const double v = w[static_cast<size_t>(c * outputs + unit)];
    sum += v * v;
  }
  return std::sqrt(sum);
}

TEST(MaxNorm, LimitsTheUnitsBeyondItAndNoOther) {
  for_each_target([&] {
    for (const auto kernel : {"cpu:simd", "ref"}) {
      for (int64_t inputs : {1, 3, 4, 17, 100}) {
        for (int64_t outputs : {1, 5, 16, 33, 130}) {
          const std::vector<float> before = weights_of(inputs, outputs);
          const double limit = 0.5 * std::sqrt(static_cast<double>(inputs));
          const std::vector<float> after = limited(kernel, before, inputs, limit);
          int64_t beyond = 0;
          for (int64_t k = 0; k < outputs; ++k) {
            const double norm = norm_of_unit(before, inputs, k);
            beyond += norm > limit ? 1 : 0;
            EXPECT_NEAR(norm_of_unit(after, inputs, k), std::min(norm, limit), 1e-6 * limit) << kernel << ' ' << k;
            for (int64_t c = 0; c < inputs; ++c) {
              const auto at = static_cast<size_t>(c * outputs + k);
              if (norm < 0.999 * limit) {
                ASSERT_EQ(after[at], before[at]);
              } else if (norm > 1.001 * limit) {
                ASSERT_NEAR(after[at], before[at] * limit / norm, 1e-6 * std::abs(before[at]));
              }
            }
          }
          if (outputs == 130) {
            EXPECT_GT(beyond, 10);
            EXPECT_LT(beyond, 120);
          }
        }
      }
    }
  });
}

TEST(MaxNorm, WorksInDoubleForTheReference) {
  std::vector<double> w = {3.0, 0.1, 4.0, 0.2};
  TestPool pool(1);
  kernel_named(max_norm_kernels(), "ref").run({.type = DType::F64, .inputs = 2, .outputs = 2}, {w.data(), 1.0}, pool);
  EXPECT_NEAR(w[0], 0.6, 1e-15);
  EXPECT_NEAR(w[2], 0.8, 1e-15);
  EXPECT_EQ(w[1], 0.1);
  EXPECT_EQ(w[3], 0.2);
}

TEST(MaxNorm, LeavesNaNToTheGuard) {
  std::vector<float> w(8, 2.0F);
  w[3] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> after = limited("cpu:simd", w, 2, 1.0);
  EXPECT_TRUE(std::isnan(after[3]));
  EXPECT_EQ(after[7], 2.0F) << "the other weight of the same unit";
  EXPECT_NEAR(after[0], std::sqrt(0.5), 1e-6);
}

TEST(MaxNorm, BitsAreTheSameForAllThreads) {
  const std::vector<float> before = weights_of(70, 1500);
  std::vector<float> w;
  w = before;
  expect_same_bits_for_all_threads(
      kernel_named(max_norm_kernels(), "cpu:simd"), MaxNormProblem{.inputs = 70, .outputs = 1500},
      MaxNormArgs{w.data(), 2.0}, [&] { std::copy(before.begin(), before.end(), w.begin()); }, [&] { return w; });
}

}  // namespace
}  // namespace redbud::kernels
