#include "redbud/kernels/prelu.h"

#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

struct Buffers {
  Buffers(int64_t rows, int64_t features, int64_t padding)
      : z(rows, features, padding),
        y(rows, features, padding),
        dy(rows, features, padding),
        dz(rows, features, padding),
        slope(1, features),
        dslope(1, features) {
    z.fill_normal(1);
    dy.fill_normal(2);
    slope.fill_normal(3, 0.3);
    dslope.fill(0.5F);
  }

  PreluForwardArgs forward() { return {.z = z.matrix(), .y = y.matrix(), .slope = slope.matrix().data}; }
  PreluBackwardArgs backward() {
    return {.dy = dy.matrix(),
            .z = z.matrix(),
            .dz = dz.matrix(),
            .slope = slope.matrix().data,
            .dslope = dslope.matrix().data};
  }

  GuardedMatrix<float> z, y, dy, dz, slope, dslope;
};

TEST(Prelu, VectorKernelsMatchTheReferences) {
  TestPool pool(1);
  for_each_target([&] {
    for (int64_t features = 1; features <= 70; ++features) {
      SCOPED_TRACE(features);
      const int64_t rows = 2 + features % 9;
      Buffers fast(rows, features, features % 3), slow(rows, features, 0);
      const bool accumulate = features % 2 == 0;
      for (auto& [name, b] : {std::pair<const char*, Buffers&>{"cpu:simd", fast}, {"ref", slow}}) {
        kernel_named(prelu_forward_kernels(), name).run({.rows = rows, .features = features}, b.forward(), pool);
        kernel_named(prelu_backward_kernels(), name)
            .run({.rows = rows, .features = features, .accumulate = accumulate}, b.backward(), pool);
      }
      const double tol = tolerance(DType::F32, {.terms_per_sum = rows});
      EXPECT_TRUE(all_close(fast.y.values(), slow.y.values(), tol));
      EXPECT_TRUE(all_close(fast.dz.values(), slow.dz.values(), tol));
      EXPECT_TRUE(all_close(fast.dslope.values(), slow.dslope.values(), tol));
      EXPECT_TRUE(fast.y.guards_are_intact() && fast.dz.guards_are_intact() && fast.dslope.guards_are_intact());
    }
  });
}

TEST(Prelu, LeavesOutWhatIsNotWanted) {
  Buffers b(5, 19, 1);
  TestPool pool(1);
  for (const char* name : {"cpu:simd", "ref"}) {
    PreluBackwardArgs only_slope = b.backward(), only_input = b.backward();
    only_slope.dz = {};
    only_input.dslope = nullptr;
    const auto& kernel = kernel_named(prelu_backward_kernels(), name);
    b.dslope.fill(0);
    kernel.run({.rows = 5, .features = 19}, only_input, pool);
    EXPECT_EQ(b.dslope.values(), std::vector<float>(19, 0.0F));
    b.dz.fill(0);
    kernel.run({.rows = 5, .features = 19}, only_slope, pool);
    EXPECT_EQ(b.dz.values(), std::vector<float>(5 * 19, 0.0F));
    EXPECT_NE(b.dslope.values(), std::vector<float>(19, 0.0F));
  }
}

TEST(Prelu, BitsAreTheSameForAllThreads) {
  Buffers b(301, 257, 3);
  expect_same_bits_for_all_threads(
      kernel_named(prelu_forward_kernels(), "cpu:simd"), PreluForwardProblem{.rows = 301, .features = 257}, b.forward(),
      [&] { b.y.fill(0); }, [&] { return b.y.values(); });
  expect_same_bits_for_all_threads(
      kernel_named(prelu_backward_kernels(), "cpu:simd"), PreluBackwardProblem{.rows = 301, .features = 257},
      b.backward(), [&] { b.dslope.fill(0); }, [&] { return b.dslope.values(); });
}

}  // namespace
}  // namespace redbud::kernels
