#include "redbud/kernels/layer_norm.h"

#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

template <class T>
struct Buffers {
  Buffers(int64_t rows, int64_t features, int64_t padding = 0)
      : x(rows, features, padding),
        y(rows, features, padding),
        dy(rows, features, padding),
        dx(rows, features, padding),
        gamma(1, features),
        beta(1, features),
        dgamma(1, features),
        dbeta(1, features),
        mean(1, rows),
        inv(1, rows) {
    x.fill_normal(1, 2.0, 0.5);
    dy.fill_normal(2);
    gamma.fill_normal(3, 0.3, 1.0);
    beta.fill_normal(4, 0.5);
  }

  void run(std::string_view name, const LayerNormProblem& p, bool bare = false, int threads = 1) {
    TestPool pool(threads);
    kernel_named(layer_norm_forward_kernels(), name)
        .run(p,
             {.x = x.matrix(),
              .y = y.matrix(),
              .gamma = bare ? nullptr : gamma.matrix().data,
              .beta = bare ? nullptr : beta.matrix().data,
              .mean = mean.matrix().data,
              .inv = inv.matrix().data},
             pool);
    kernel_named(layer_norm_backward_kernels(), name)
        .run(p,
             {.dy = dy.matrix(),
              .x = x.matrix(),
              .dx = dx.matrix(),
              .gamma = bare ? nullptr : gamma.matrix().data,
              .mean = mean.matrix().data,
              .inv = inv.matrix().data,
              .dgamma = bare ? nullptr : dgamma.matrix().data,
              .dbeta = bare ? nullptr : dbeta.matrix().data},
             pool);
  }
  std::vector<std::vector<T>> outputs() {
    return {y.values(), dx.values(), mean.values(), inv.values(), dgamma.values(), dbeta.values()};
  }
  bool guards_are_intact() {
    for (GuardedMatrix<T>* m : {&y, &dx, &mean, &inv, &dgamma, &dbeta}) {
      if (!m->guards_are_intact()) return false;
    }
    return true;
  }

  GuardedMatrix<T> x, y, dy, dx, gamma, beta, dgamma, dbeta, mean, inv;
};

TEST(LayerNorm, ReferenceNormalisesEachRow) {
  const LayerNormProblem p{.type = DType::F64, .rows = 5, .features = 40, .epsilon = 1e-3};
  Buffers<double> b(p.rows, p.features);
  b.run("ref", p, true);
  for (int64_t n = 0; n < p.rows; ++n) {
    double sum = 0.0, squares = 0.0, x_sum = 0.0, x_squares = 0.0;
    for (int64_t k = 0; k < p.features; ++k) {
      sum += b.y.at(n, k);
      squares += b.y.at(n, k) * b.y.at(n, k);
      x_sum += b.x.at(n, k);
      x_squares += b.x.at(n, k) * b.x.at(n, k);
    }
    const double mean = x_sum / 40.0;
    const double var = x_squares / 40.0 - mean * mean;
    EXPECT_NEAR(sum / 40.0, 0.0, 1e-12);
    EXPECT_NEAR(squares / 40.0, var / (var + 1e-3), 1e-12);
    EXPECT_NEAR(b.mean.at(0, n), mean, 1e-12);
  }
}

TEST(LayerNorm, VectorKernelsMatchTheReference) {
  for_each_target([&] {
    for (int64_t features = 2; features <= 70; ++features) {
      for (const bool bare : {false, true}) {
        SCOPED_TRACE(features);
        const LayerNormProblem p{.rows = 1 + features % 9, .features = features};
        Buffers<float> fast(p.rows, features, features % 3), ref(p.rows, features, features % 3);
        fast.run("cpu:simd", p, bare);
        ref.run("ref", p, bare);
        const double tol = tolerance(DType::F32, {.terms_per_sum = features});
        EXPECT_TRUE(all_close(fast.y.values(), ref.y.values(), tol));
        // Terms of dx cancel where a row has few features: dy and inv set the scale.
        double scale = 0.0;
        for (float inv : ref.inv.values()) scale = std::max(scale, static_cast<double>(inv));
        for (int64_t n = 0; n < p.rows; ++n) {
          for (int64_t k = 0; k < features; ++k) EXPECT_NEAR(fast.dx.at(n, k), ref.dx.at(n, k), 8.0 * tol * scale);
        }
        EXPECT_TRUE(fast.guards_are_intact());
        if (bare) continue;
        EXPECT_TRUE(all_close(fast.dgamma.values(), ref.dgamma.values(), tol));
        EXPECT_TRUE(all_close(fast.dbeta.values(), ref.dbeta.values(), tol));
      }
    }
  });
}

TEST(LayerNorm, AddsToGradientsThatAreThere) {
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    LayerNormProblem p{.rows = 9, .features = 37};
    Buffers<float> b(p.rows, p.features);
    b.run(name, p);
    const auto once = b.dgamma.values();
    p.accumulate = true;
    b.run(name, p);
    const auto twice = b.dgamma.values();
    for (size_t k = 0; k < once.size(); ++k) EXPECT_FLOAT_EQ(twice[k], 2.0F * once[k]) << name;
  }
}

TEST(LayerNorm, GivesTheSameBitsForAllThreads) {
  const LayerNormProblem p{.rows = 301, .features = 203};
  Buffers<float> b(p.rows, p.features);
  b.run("cpu:simd", p);
  const auto expected = b.outputs();
  for (const int threads : {2, 3, 7}) {
    b.run("cpu:simd", p, false, threads);
    EXPECT_TRUE(b.outputs() == expected) << threads;
  }
}

}  // namespace
}  // namespace redbud::kernels
