#include "redbud/kernels/elementwise.h"

#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"

namespace redbud::kernels {
namespace {

TEST(Add, AddsOrCopiesABlockOfColumns) {
  TestPool pool(2);
  for_each_target([&] {
    for (const std::string_view name : {"cpu:simd", "ref"}) {
      for (int64_t features = 1; features <= 70; ++features) {
        SCOPED_TRACE(features);
        const int64_t rows = 1 + features % 5;
        GuardedMatrix<float> x(rows, features, 2), y(rows, features, 7);
        x.fill_normal(1);
        y.fill_normal(2);
        const auto old = y.values();
        const auto& kernel = kernel_named(add_kernels(), name);
        kernel.run({.rows = rows, .features = features, .accumulate = true}, {.x = x.matrix(), .y = y.matrix()}, pool);
        const auto added = x.values(), sums = y.values();
        for (size_t i = 0; i < old.size(); ++i) ASSERT_EQ(sums[i], old[i] + added[i]);
        kernel.run({.rows = rows, .features = features, .accumulate = false}, {.x = x.matrix(), .y = y.matrix()}, pool);
        EXPECT_EQ(y.values(), x.values());
        EXPECT_TRUE(y.guards_are_intact());
      }
    }
  });
}

TEST(Add, WorksInDouble) {
  TestPool pool(1);
  GuardedMatrix<double> x(2, 3), y(2, 3, 1);
  x.fill(0.1);
  y.fill(0.2);
  kernel_named(add_kernels(), "ref")
      .run({.type = DType::F64, .rows = 2, .features = 3}, {.x = x.matrix(), .y = y.matrix()}, pool);
  EXPECT_EQ(y.values(), std::vector<double>(6, 0.1 + 0.2));
}

TEST(Add, BitsAreTheSameForAllThreads) {
  GuardedMatrix<float> x(701, 130), y(701, 130);
  x.fill_normal(1);
  expect_same_bits_for_all_threads(
      kernel_named(add_kernels(), "cpu:simd"), AddProblem{.rows = 701, .features = 130},
      AddArgs{.x = x.matrix(), .y = y.matrix()}, [&] { y.fill(1.0F); }, [&] { return y.values(); });
}

TEST(Multiply, IsExactForAllWidths) {
  TestPool pool(1);
  for_each_target([&] {
    for (int64_t features = 1; features <= 70; ++features) {
      SCOPED_TRACE(features);
      const int64_t rows = 1 + features % 4;
      GuardedMatrix<float> a(rows, features, 1), b(rows, features, 2), y(rows, features, features % 3);
      a.fill_normal(1);
      b.fill_normal(2);
      std::vector<float> expected;
      for (int64_t n = 0; n < rows; ++n) {
        for (int64_t k = 0; k < features; ++k) expected.push_back(a.at(n, k) * b.at(n, k));
      }
      for (const std::string_view name : {"cpu:simd", "ref"}) {
        kernel_named(multiply_kernels(), name)
            .run({.rows = rows, .features = features}, {.a = a.matrix(), .b = b.matrix(), .y = y.matrix()}, pool);
        EXPECT_EQ(y.values(), expected);
        EXPECT_TRUE(y.guards_are_intact());
      }
    }
  });
}

}  // namespace
}  // namespace redbud::kernels
