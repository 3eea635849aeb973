#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/kernels/losses.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

TEST(Softmax, ReferenceMatchesTheClosedForm) {
  std::vector<double> z = {1000.0, 1000.0 + std::log(2.0), 1000.0 + std::log(5.0)};
  TestPool pool(1);
  kernel_named(softmax_forward_kernels(), "ref")
      .run({.type = DType::F64, .rows = 1, .features = 3}, {.z = {z.data(), 3}, .y = {z.data(), 3}}, pool);
  EXPECT_NEAR(z[0], 0.125, 1e-12);
  EXPECT_NEAR(z[1], 0.25, 1e-12);
  EXPECT_NEAR(z[2], 0.625, 1e-12);
}

TEST(Softmax, ReferenceGradientMatchesCentralDifferences) {
  GuardedMatrix<double> z(3, 5), y(3, 5), dy(3, 5), dz(3, 5);
  z.fill_normal(1);
  dy.fill_normal(2);
  TestPool pool(1);
  const SoftmaxProblem p{.type = DType::F64, .rows = 3, .features = 5};
  const auto& forward = kernel_named(softmax_forward_kernels(), "ref");
  const auto objective = [&] {
    forward.run(p, {.z = z.matrix(), .y = y.matrix()}, pool);
    double sum = 0.0;
    for (size_t i = 0; i < 15; ++i) sum += y.values()[i] * dy.values()[i];
    return sum;
  };
  objective();
  kernel_named(softmax_backward_kernels(), "ref").run(p, {.dy = dy.matrix(), .y = y.matrix(), .dz = dz.matrix()}, pool);
  for (int64_t n = 0; n < 3; ++n) {
    for (int64_t k = 0; k < 5; ++k) {
      const double h = 1e-5, old = z.at(n, k);
      z.at(n, k) = old + h;
      const double above = objective();
      z.at(n, k) = old - h;
      const double below = objective();
      z.at(n, k) = old;
      EXPECT_NEAR(dz.at(n, k), (above - below) / (2.0 * h), 1e-9);
    }
  }
}

TEST(Softmax, VectorKernelsMatchTheReferences) {
  TestPool pool(1);
  for_each_target([&] {
    for (int64_t features = 1; features <= 71; ++features) {
      SCOPED_TRACE(features);
      const SoftmaxProblem p{.rows = features == 71 ? 401 : 2 + features % 7,
                             .features = features};  // 401: several pieces
      GuardedMatrix<float> z(p.rows, features, 1), y(p.rows, features, 2), y_ref(p.rows, features),
          dy(p.rows, features), dz(p.rows, features, 3), dz_ref(p.rows, features);
      z.fill_normal(1, 5.0);
      dy.fill_normal(2);
      kernel_named(softmax_forward_kernels(), "cpu:simd").run(p, {.z = z.matrix(), .y = y.matrix()}, pool);
      kernel_named(softmax_forward_kernels(), "ref").run(p, {.z = z.matrix(), .y = y_ref.matrix()}, pool);
      const double tol = tolerance(DType::F32, {.terms_per_sum = features});
      EXPECT_TRUE(all_close(y.values(), y_ref.values(), tol));
      const auto& fast = kernel_named(softmax_backward_kernels(), "cpu:simd");
      const auto& slow = kernel_named(softmax_backward_kernels(), "ref");
      fast.run(p, {.dy = dy.matrix(), .y = y.matrix(), .dz = dz.matrix()}, pool);
      slow.run(p, {.dy = dy.matrix(), .y = y.matrix(), .dz = dz_ref.matrix()}, pool);
      EXPECT_TRUE(all_close(dz.values(), dz_ref.values(), tol));
      EXPECT_TRUE(y.guards_are_intact() && dz.guards_are_intact());
      fast.run(p, {.dy = dy.matrix(), .y = y.matrix(), .dz = dy.matrix()}, pool);
      EXPECT_EQ(dy.values(), dz.values());
    }
  });
}

TEST(Softmax, BitsAreTheSameForAllThreads) {
  GuardedMatrix<float> z(701, 130), y(701, 130);
  z.fill_normal(1);
  expect_same_bits_for_all_threads(
      kernel_named(softmax_forward_kernels(), "cpu:simd"), SoftmaxProblem{.rows = 701, .features = 130},
      SoftmaxForwardArgs{.z = z.matrix(), .y = y.matrix()}, [&] { y.fill(0.0F); }, [&] { return y.values(); });
}

}  // namespace
}  // namespace redbud::kernels
