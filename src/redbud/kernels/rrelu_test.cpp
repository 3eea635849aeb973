#include "redbud/kernels/rrelu.h"

#include <gtest/gtest.h>

#include <cmath>

#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

constexpr RandomKey kKey{.seed = 9, .stream = Stream::Slope, .lane = 3, .step = 12};

RreluForwardProblem problem_of(int64_t rows, int64_t features) {
  return {.rows = rows, .features = features, .lower = 0.125, .upper = 1.0 / 3.0};
}

TEST(Rrelu, VectorKernelsMatchTheReferences) {
  TestPool pool(1);
  for_each_target([&] {
    for (int64_t features = 1; features <= 140; ++features) {
      SCOPED_TRACE(features);
      const int64_t rows = 2 + features % 5;
      GuardedMatrix<float> z(rows, features, 1), y(rows, features, 2), slope(rows, features, 3), y_ref(rows, features),
          slope_ref(rows, features);
      z.fill_normal(1);
      const auto problem = problem_of(rows, features);
      kernel_named(rrelu_forward_kernels(), "cpu:simd")
          .run(problem, {.key = kKey, .z = z.matrix(), .y = y.matrix(), .slope = slope.matrix()}, pool);
      kernel_named(rrelu_forward_kernels(), "ref")
          .run(problem, {.key = kKey, .z = z.matrix(), .y = y_ref.matrix(), .slope = slope_ref.matrix()}, pool);
      EXPECT_TRUE(all_close(y.values(), y_ref.values(), tolerance(DType::F32)));
      EXPECT_TRUE(all_close(slope.values(), slope_ref.values(), tolerance(DType::F32)));
      EXPECT_TRUE(y.guards_are_intact() && slope.guards_are_intact());
    }
  });
}

TEST(Rrelu, SlopesAreUniformBelowZeroAndOneAbove) {
  constexpr int64_t kRows = 200, kFeatures = 101;
  GuardedMatrix<float> z(kRows, kFeatures), y(kRows, kFeatures), slope(kRows, kFeatures);
  z.fill_normal(1);
  TestPool pool(1);
  kernel_named(rrelu_forward_kernels(), "cpu:simd")
      .run(problem_of(kRows, kFeatures), {.key = kKey, .z = z.matrix(), .y = y.matrix(), .slope = slope.matrix()},
           pool);
  double count = 0, sum = 0, squares = 0;
  const double mean = (0.125 + 1.0 / 3.0) / 2, variance = std::pow(1.0 / 3.0 - 0.125, 2) / 12;
  for (int64_t n = 0; n < kRows; ++n) {
    for (int64_t k = 0; k < kFeatures; ++k) {
      const double s = slope.at(n, k);
      if (z.at(n, k) > 0) {
        EXPECT_EQ(s, 1.0);
        continue;
      }
      EXPECT_TRUE(s >= 0.125 && s <= 1.0 / 3.0 + 1e-7) << s;
      count += 1, sum += s, squares += (s - mean) * (s - mean);
    }
  }
  EXPECT_NEAR(sum / count, mean, 5 * std::sqrt(variance / count));           // five standard deviations
  EXPECT_NEAR(squares / count / variance, 1.0, 5 * std::sqrt(0.8 / count));  // kurtosis 9/5
}

TEST(Rrelu, EachStepDrawsAnewAndThreadsDontMatter) {
  GuardedMatrix<float> z(301, 257, 3), y(301, 257, 3), slope(301, 257, 3);
  z.fill(-1.0F);
  const auto& kernel = kernel_named(rrelu_forward_kernels(), "cpu:simd");
  RreluForwardArgs args{.key = kKey, .z = z.matrix(), .y = y.matrix(), .slope = slope.matrix()};
  expect_same_bits_for_all_threads(
      kernel, problem_of(301, 257), args, [&] { slope.fill(0); }, [&] { return slope.values(); });
  const auto before = slope.values();
  args.key.step += 1;
  TestPool pool(1);
  kernel.run(problem_of(301, 257), args, pool);
  EXPECT_NE(slope.values(), before);
}

}  // namespace
}  // namespace redbud::kernels
