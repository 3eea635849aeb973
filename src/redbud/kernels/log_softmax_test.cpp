#include "redbud/kernels/log_softmax.h"

#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

TEST(LogSoftmax, VectorKernelsMatchTheReferences) {
  TestPool pool(1);
  for_each_target([&] {
    for (int64_t features = 1; features <= 71; ++features) {
      SCOPED_TRACE(features);
      const SoftmaxProblem p{.rows = features == 71 ? 401 : 2 + features % 7, .features = features};
      GuardedMatrix<float> z(p.rows, features, 1), y(p.rows, features, 2), y_ref(p.rows, features),
          dy(p.rows, features), dz(p.rows, features, 3), dz_ref(p.rows, features);
      z.fill_normal(1, 5.0);
      dy.fill_normal(2);
      kernel_named(log_softmax_forward_kernels(), "cpu:simd").run(p, {.z = z.matrix(), .y = y.matrix()}, pool);
      kernel_named(log_softmax_forward_kernels(), "ref").run(p, {.z = z.matrix(), .y = y_ref.matrix()}, pool);
      const double tol = tolerance(DType::F32, {.terms_per_sum = features});
      EXPECT_TRUE(all_close(y.values(), y_ref.values(), tol));
      const auto& fast = kernel_named(log_softmax_backward_kernels(), "cpu:simd");
      const auto& slow = kernel_named(log_softmax_backward_kernels(), "ref");
      fast.run(p, {.dy = dy.matrix(), .y = y.matrix(), .dz = dz.matrix()}, pool);
      slow.run(p, {.dy = dy.matrix(), .y = y.matrix(), .dz = dz_ref.matrix()}, pool);
      EXPECT_TRUE(all_close(dz.values(), dz_ref.values(), tol));
      EXPECT_TRUE(y.guards_are_intact() && dz.guards_are_intact());
      fast.run(p, {.dy = dy.matrix(), .y = y.matrix(), .dz = dy.matrix()}, pool);
      EXPECT_EQ(dy.values(), dz.values());
    }
  });
}

TEST(LogSoftmax, HasNoUnderflow) {
  std::vector<float> z = {0.0F, -200.0F, 0.0F};
  TestPool pool(1);
  for (const char* name : {"cpu:simd", "ref"}) {
    std::vector<float> y(3);
    kernel_named(log_softmax_forward_kernels(), name)
        .run({.rows = 1, .features = 3}, {.z = {z.data(), 3}, .y = {y.data(), 3}}, pool);
    EXPECT_TRUE(all_close(y, std::vector<double>{-std::log(2.0), -200.0 - std::log(2.0), -std::log(2.0)},
                          tolerance(DType::F32)));
  }
}

TEST(LogSoftmax, BitsAreTheSameForAllThreads) {
  GuardedMatrix<float> z(701, 130), y(701, 130);
  z.fill_normal(1);
  expect_same_bits_for_all_threads(
      kernel_named(log_softmax_forward_kernels(), "cpu:simd"), SoftmaxProblem{.rows = 701, .features = 130},
      SoftmaxForwardArgs{.z = z.matrix(), .y = y.matrix()}, [&] { y.fill(0.0F); }, [&] { return y.values(); });
}

}  // namespace
}  // namespace redbud::kernels
