#include "redbud/kernels/batch_norm_test.h"

#include <gtest/gtest.h>

#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

TEST(BatchNorm, ReferenceNormalisesEachFeature) {
  const BatchNormCase s{.rows = 40, .features = 5, .activation = {}, .dropout = false};
  BatchNormBuffers<double> b(s.rows, s.features);
  const auto old_mean = b.running_mean.values();
  BatchNormForwardArgs args = b.forward();
  args.gamma = args.beta = nullptr;
  TestPool pool(1);
  kernel_named(batch_norm_forward_kernels(), "ref").run(forward_problem(DType::F64, s), args, pool);
  for (int64_t k = 0; k < s.features; ++k) {
    double sum = 0.0, squares = 0.0, z_sum = 0.0, z_squares = 0.0;
    for (int64_t n = 0; n < s.rows; ++n) {
      sum += b.y.at(n, k);
      squares += b.y.at(n, k) * b.y.at(n, k);
      z_sum += b.z.at(n, k);
      z_squares += b.z.at(n, k) * b.z.at(n, k);
    }
    const double mean = z_sum / 40.0;
    const double var = z_squares / 40.0 - mean * mean;
    EXPECT_NEAR(sum / 40.0, 0.0, 1e-12);
    EXPECT_NEAR(squares / 40.0, var / (var + 1e-3), 1e-12);
    EXPECT_NEAR(b.mean.at(0, k), mean, 1e-12);
    EXPECT_NEAR(b.inv.at(0, k), 1.0 / std::sqrt(var + 1e-3), 1e-12);
    EXPECT_NEAR(b.running_mean.at(0, k), 0.99 * old_mean[static_cast<size_t>(k)] + 0.01 * mean, 1e-12);
    EXPECT_NEAR(b.running_var.at(0, k), 0.99 * 1.5 + 0.01 * var, 1e-12);
  }
}

/// sum of dy * y for a forward pass: what the gradients are taken of.
double objective(const BatchNormCase& s, BatchNormBuffers<double>& b) {
  TestPool pool(1);
  kernel_named(batch_norm_forward_kernels(), "ref").run(forward_problem(DType::F64, s), b.forward(), pool);
  double sum = 0.0;
  for (int64_t n = 0; n < s.rows; ++n) {
    for (int64_t k = 0; k < s.features; ++k) sum += b.dy.at(n, k) * b.y.at(n, k);
  }
  return sum;
}

double slope_of(const BatchNormCase& s, BatchNormBuffers<double>& b, double& x) {
  const double h = 1e-5, old = x;
  x = old + h;
  const double above = objective(s, b);
  x = old - h;
  const double below = objective(s, b);
  x = old;
  return (above - below) / (2.0 * h);
}

TEST(BatchNorm, ReferenceGradientsMatchCentralDifferences) {
  const std::vector<Activation> activations = {{},
                                               kElu,
                                               {.kind = ActivationKind::LeakyRelu, .alpha = 0.1},
                                               {.kind = ActivationKind::Tanh},
                                               {.kind = ActivationKind::Logistic},
                                               {.kind = ActivationKind::Selu, .alpha = 1.67, .scale = 1.05}};
  for (const Activation& activation : activations) {
    for (const bool dropout : {false, true}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(activation.kind)) + (dropout ? " with dropout" : ""));
      const BatchNormCase s{.rows = 7, .features = 11, .activation = activation, .dropout = dropout};
      BatchNormBuffers<double> b(s.rows, s.features, 2);
      run_both("ref", s, b);
      for (int64_t k = 0; k < s.features; ++k) {
        EXPECT_NEAR(b.dgamma.at(0, k), slope_of(s, b, b.gamma.at(0, k)), 1e-7);
        EXPECT_NEAR(b.dbeta.at(0, k), slope_of(s, b, b.beta.at(0, k)), 1e-7);
        for (int64_t n = 0; n < s.rows; ++n) EXPECT_NEAR(b.dz.at(n, k), slope_of(s, b, b.z.at(n, k)), 1e-7);
      }
    }
  }
}

/// A sum whose terms cancel is as exact as its terms are large: the values of dy set the scale.
std::vector<float> beside(GuardedMatrix<float>& sums, GuardedMatrix<float>& terms) {
  std::vector<float> all = sums.values();
  for (const float value : terms.values()) all.push_back(value);
  return all;
}

/// Everything that forward and backward give, against the reference on the same f32 inputs.
void expect_matches_reference(const BatchNormCase& s, BatchNormBuffers<float>& fast, BatchNormBuffers<float>& slow) {
  const double tol = tolerance(DType::F32, {.terms_per_sum = s.rows});
  EXPECT_TRUE(all_close(fast.y.values(), slow.y.values(), tol));
  EXPECT_TRUE(all_close(fast.mean.values(), slow.mean.values(), tol));
  EXPECT_TRUE(all_close(fast.inv.values(), slow.inv.values(), tol));
  EXPECT_TRUE(all_close(fast.running_mean.values(), slow.running_mean.values(), tol));
  EXPECT_TRUE(all_close(fast.running_var.values(), slow.running_var.values(), tol));
  EXPECT_TRUE(all_close(beside(fast.dgamma, fast.dy), beside(slow.dgamma, slow.dy), tol));
  EXPECT_TRUE(all_close(beside(fast.dbeta, fast.dy), beside(slow.dbeta, slow.dy), tol));
  EXPECT_TRUE(all_close(fast.dz.values(), slow.dz.values(), tol));
  EXPECT_TRUE(fast.guards_are_intact());
}

void expect_vector_kernels_match(const BatchNormCase& s, int64_t padding) {
  SCOPED_TRACE("rows " + std::to_string(s.rows) + " features " + std::to_string(s.features));
  BatchNormBuffers<float> fast(s.rows, s.features, padding), slow(s.rows, s.features, padding);
  run_both("cpu:simd", s, fast);
  run_both("ref", s, slow);
  expect_matches_reference(s, fast, slow);
}

TEST(BatchNorm, VectorKernelsMatchTheReferences) {
  const std::vector<Activation> activations = {{},
                                               kElu,
                                               {.kind = ActivationKind::Relu},
                                               {.kind = ActivationKind::LeakyRelu, .alpha = 0.1},
                                               {.kind = ActivationKind::Tanh},
                                               {.kind = ActivationKind::Logistic}};
  for_each_target([&] {
    for (int64_t features = 1; features <= 70; ++features) {
      const BatchNormCase s{.rows = 2 + features * 7 % 39,
                            .features = features,
                            .activation = activations[static_cast<size_t>(features) % activations.size()],
                            .dropout = features % 4 < 2};
      expect_vector_kernels_match(s, features % 3 * 5);
    }
    expect_vector_kernels_match({.rows = 301, .features = 213}, 4);  // several pieces
  });
}

TEST(BatchNorm, OptionalArraysMayBeLeftOut) {
  const BatchNormCase s{.rows = 9, .features = 37};
  TestPool pool(1);
  for_each_target([&] {
    BatchNormBuffers<float> fast(s.rows, s.features), slow(s.rows, s.features);
    for (BatchNormBuffers<float>* b : {&fast, &slow}) {
      const std::string_view name = b == &fast ? "cpu:simd" : "ref";
      BatchNormForwardArgs forward = b->forward();
      forward.gamma = forward.beta = nullptr;
      forward.running_mean = forward.running_var = nullptr;
      kernel_named(batch_norm_forward_kernels(), name).run(forward_problem(DType::F32, s), forward, pool);
      BatchNormBackwardArgs backward = b->backward();
      backward.gamma = nullptr;
      backward.dgamma = backward.dbeta = nullptr;
      kernel_named(batch_norm_backward_kernels(), name).run(backward_problem(DType::F32, s), backward, pool);
    }
    const double tol = tolerance(DType::F32, {.terms_per_sum = s.rows});
    EXPECT_TRUE(all_close(fast.y.values(), slow.y.values(), tol));
    EXPECT_TRUE(all_close(fast.dz.values(), slow.dz.values(), tol));
  });
}

TEST(BatchNorm, GradientsOfParametersAloneNeedNoDz) {
  const BatchNormCase s{.rows = 9, .features = 37};
  TestPool pool(1);
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    BatchNormBuffers<float> b(s.rows, s.features);
    run_both(name, s, b);
    const auto dgamma = b.dgamma.values(), dbeta = b.dbeta.values();
    BatchNormBackwardArgs args = b.backward();
    args.dz = {};
    b.dgamma.fill(0);
    b.dbeta.fill(0);
    kernel_named(batch_norm_backward_kernels(), name).run(backward_problem(DType::F32, s), args, pool);
    EXPECT_EQ(b.dgamma.values(), dgamma);
    EXPECT_EQ(b.dbeta.values(), dbeta);
  }
}

TEST(BatchNorm, AccumulatesGradientsAndWorksInPlace) {
  const BatchNormCase s{.rows = 9, .features = 37};
  TestPool pool(1);
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    SCOPED_TRACE(name);
    BatchNormBuffers<float> plain(s.rows, s.features), added(s.rows, s.features);
    run_both(name, s, plain);
    added.dgamma.fill(2.0F);
    added.dbeta.fill(-1.0F);
    kernel_named(batch_norm_forward_kernels(), name).run(forward_problem(DType::F32, s), added.forward(), pool);
    BatchNormBackwardArgs args = added.backward();
    args.dz = args.dy;
    kernel_named(batch_norm_backward_kernels(), name).run(backward_problem(DType::F32, s, true), args, pool);
    EXPECT_EQ(added.dy.values(), plain.dz.values());
    std::vector<float> dgamma = plain.dgamma.values(), dbeta = plain.dbeta.values();
    for (float& v : dgamma) v += 2.0F;
    for (float& v : dbeta) v -= 1.0F;
    EXPECT_TRUE(all_close(added.dgamma.values(), dgamma, tolerance(DType::F32)));
    EXPECT_TRUE(all_close(added.dbeta.values(), dbeta, tolerance(DType::F32)));
  }
}

TEST(BatchNorm, StatisticsKeepTheirDigitsFarFromZero) {
  // A mean 10,000 times the deviation: squares minus squared mean would leave nothing in float.
  // And of 4,096 rows: a plain sum of them in float is off by more than the last place of the mean.
  const BatchNormCase s{.rows = 4096, .features = 67, .activation = {}, .dropout = false};
  BatchNormBuffers<float> slow(s.rows, s.features), fast(s.rows, s.features);
  slow.z.fill_normal(1, 1.0, 10000.0);
  fast.z.assign(slow.z.values());
  TestPool pool(1);
  kernel_named(batch_norm_forward_kernels(), "ref").run(forward_problem(DType::F32, s), slow.forward(), pool);
  for_each_target([&] {
    kernel_named(batch_norm_forward_kernels(), "cpu:simd").run(forward_problem(DType::F32, s), fast.forward(), pool);
    EXPECT_TRUE(all_close(fast.mean.values(), slow.mean.values(), tolerance(DType::F32)));
    EXPECT_TRUE(all_close(fast.inv.values(), slow.inv.values(), tolerance(DType::F32, {.terms_per_sum = s.rows})));
  });
}

TEST(BatchNorm, ConstantFeaturesGiveBeta) {
  const BatchNormCase s{.rows = 6, .features = 21, .activation = {}, .dropout = false};
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    BatchNormBuffers<float> b(s.rows, s.features);
    b.z.fill(3.7F);
    run_both(name, s, b);
    for (int64_t n = 0; n < s.rows; ++n) {
      for (int64_t k = 0; k < s.features; ++k) {
        EXPECT_NEAR(b.y.at(n, k), b.beta.at(0, k),
                    2e-5);  // z - mean is at most half a unit in the last place, times inv = 31.6
      }
    }
  }
}

TEST(BatchNorm, BitsAreTheSameForAllThreads) {
  const BatchNormCase s{.rows = 301, .features = 213};
  BatchNormBuffers<float> b(s.rows, s.features, 4);
  const auto reset = [&] {
    b.running_mean.fill(0.5F);
    b.running_var.fill(1.5F);
    for (GuardedMatrix<float>* m : {&b.y, &b.dz, &b.mean, &b.inv, &b.dgamma, &b.dbeta}) m->fill(0.0F);
  };
  const auto& forward = kernel_named(batch_norm_forward_kernels(), "cpu:simd");
  expect_same_bits_for_all_threads(forward, forward_problem(DType::F32, s), b.forward(), reset,
                                   [&] { return b.outputs(); });
  const auto& backward = kernel_named(batch_norm_backward_kernels(), "cpu:simd");
  expect_same_bits_for_all_threads(
      backward, backward_problem(DType::F32, s), b.backward(), [&] { b.dz.fill(0.0F); }, [&] { return b.outputs(); });
}

}  // namespace
}  // namespace redbud::kernels
