#include "redbud/kernels/batch_norm.h"

#include <gtest/gtest.h>

#include "redbud/kernels/dropout.h"
#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

const Activation kElu{.kind = ActivationKind::Elu, .alpha = 1.0};

/// All buffers of one batch normalisation, forward and backward.
template <class T>
struct Buffers {
  Buffers(int64_t rows, int64_t features, int64_t padding = 0)
      : z(rows, features, padding),
        y(rows, features, padding),
        dy(rows, features, padding),
        dz(rows, features, padding),
        gamma(1, features),
        beta(1, features),
        mean(1, features),
        inv(1, features),
        running_mean(1, features),
        running_var(1, features),
        dgamma(1, features),
        dbeta(1, features),
        mask(static_cast<size_t>(rows * dropout_blocks(features))) {
    z.fill_normal(1, 2.0, 0.5);
    dy.fill_normal(2);
    gamma.fill_normal(3, 0.3, 1.0);
    beta.fill_normal(4, 0.5);
    running_mean.fill_normal(5);
    running_var.fill(T(1.5));
    TestPool pool(1);
    const DropoutMaskProblem problem{.rows = rows, .features = features, .threshold = dropout_threshold(0.4)};
    dropout_mask_kernels().back().run(problem, {.key = {.seed = 9}, .mask = mask.data()}, pool);
  }

  BatchNormForwardArgs forward() {
    return {.z = z.matrix(),
            .y = y.matrix(),
            .gamma = gamma.matrix().data,
            .beta = beta.matrix().data,
            .mean = mean.matrix().data,
            .inv = inv.matrix().data,
            .running_mean = running_mean.matrix().data,
            .running_var = running_var.matrix().data,
            .mask = mask.data()};
  }
  BatchNormBackwardArgs backward() {
    return {.dy = dy.matrix(),
            .z = z.matrix(),
            .y = y.matrix(),
            .dz = dz.matrix(),
            .gamma = gamma.matrix().data,
            .mean = mean.matrix().data,
            .inv = inv.matrix().data,
            .mask = mask.data(),
            .dgamma = dgamma.matrix().data,
            .dbeta = dbeta.matrix().data};
  }
  bool guards_are_intact() {
    for (GuardedMatrix<T>* m : {&y, &dz, &mean, &inv, &running_mean, &running_var, &dgamma, &dbeta}) {
      if (!m->guards_are_intact()) return false;
    }
    return true;
  }
  std::vector<std::vector<T>> outputs() {
    return {y.values(),           mean.values(), inv.values(),    running_mean.values(),
            running_var.values(), dz.values(),   dgamma.values(), dbeta.values()};
  }

  GuardedMatrix<T> z, y, dy, dz, gamma, beta, mean, inv, running_mean, running_var, dgamma, dbeta;
  std::vector<uint8_t> mask;
};

struct Shape {
  int64_t rows;
  int64_t features;
  Activation activation = kElu;
  bool dropout = true;
};

BatchNormForwardProblem forward_problem(DType type, const Shape& s) {
  return {.type = type,
          .rows = s.rows,
          .features = s.features,
          .activation = s.activation,
          .dropout = s.dropout,
          .dropout_scale = s.dropout ? dropout_scale(dropout_threshold(0.4)) : 1.0};
}

BatchNormBackwardProblem backward_problem(DType type, const Shape& s, bool accumulate = false) {
  return {.type = type,
          .rows = s.rows,
          .features = s.features,
          .activation = s.activation,
          .dropout = s.dropout,
          .dropout_scale = s.dropout ? dropout_scale(dropout_threshold(0.4)) : 1.0,
          .accumulate = accumulate};
}

template <class T>
void run_both(std::string_view name, const Shape& s, Buffers<T>& b, bool accumulate = false, int threads = 1) {
  TestPool pool(threads);
  kernel_named(batch_norm_forward_kernels(), name).run(forward_problem(dtype_of<T>, s), b.forward(), pool);
  kernel_named(batch_norm_backward_kernels(), name)
      .run(backward_problem(dtype_of<T>, s, accumulate), b.backward(), pool);
}

TEST(BatchNorm, ReferenceNormalisesEachFeature) {
  const Shape s{.rows = 40, .features = 5, .activation = {}, .dropout = false};
  Buffers<double> b(s.rows, s.features);
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
double objective(const Shape& s, Buffers<double>& b) {
  TestPool pool(1);
  kernel_named(batch_norm_forward_kernels(), "ref").run(forward_problem(DType::F64, s), b.forward(), pool);
  double sum = 0.0;
  for (int64_t n = 0; n < s.rows; ++n) {
    for (int64_t k = 0; k < s.features; ++k) sum += b.dy.at(n, k) * b.y.at(n, k);
  }
  return sum;
}

double slope_of(const Shape& s, Buffers<double>& b, double& x) {
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
      const Shape s{.rows = 7, .features = 11, .activation = activation, .dropout = dropout};
      Buffers<double> b(s.rows, s.features, 2);
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
void expect_matches_reference(const Shape& s, Buffers<float>& fast, Buffers<float>& slow) {
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

void expect_vector_kernels_match(const Shape& s, int64_t padding) {
  SCOPED_TRACE("rows " + std::to_string(s.rows) + " features " + std::to_string(s.features));
  Buffers<float> fast(s.rows, s.features, padding), slow(s.rows, s.features, padding);
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
      const Shape s{.rows = 2 + features * 7 % 39,
                    .features = features,
                    .activation = activations[static_cast<size_t>(features) % activations.size()],
                    .dropout = features % 4 < 2};
      expect_vector_kernels_match(s, features % 3 * 5);
    }
    expect_vector_kernels_match({.rows = 301, .features = 213}, 4);  // several pieces
  });
}

TEST(BatchNorm, OptionalArraysMayBeLeftOut) {
  const Shape s{.rows = 9, .features = 37};
  TestPool pool(1);
  for_each_target([&] {
    Buffers<float> fast(s.rows, s.features), slow(s.rows, s.features);
    for (Buffers<float>* b : {&fast, &slow}) {
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
  const Shape s{.rows = 9, .features = 37};
  TestPool pool(1);
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    Buffers<float> b(s.rows, s.features);
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
  const Shape s{.rows = 9, .features = 37};
  TestPool pool(1);
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    SCOPED_TRACE(name);
    Buffers<float> plain(s.rows, s.features), added(s.rows, s.features);
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
  const Shape s{.rows = 4096, .features = 67, .activation = {}, .dropout = false};
  Buffers<float> slow(s.rows, s.features), fast(s.rows, s.features);
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
  const Shape s{.rows = 6, .features = 21, .activation = {}, .dropout = false};
  for (const std::string_view name : {"cpu:simd", "ref"}) {
    Buffers<float> b(s.rows, s.features);
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
  const Shape s{.rows = 301, .features = 213};
  Buffers<float> b(s.rows, s.features, 4);
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

TEST(BatchNormInference, CorrectionUndoesTheStartAtZero) {
  double average = 0.0;
  for (int step = 0; step < 30; ++step) average = 0.99 * average + 0.01 * 4.2;
  EXPECT_NEAR(average * batch_norm_correction(30.0, 0.99), 4.2, 1e-12);
  EXPECT_EQ(batch_norm_correction(-1.0, 0.99), 1.0);
  const auto [slope, shift] = batch_norm_affine(0.0, 0.0, batch_norm_correction(0.0, 0.99), 0.0, 2.0, 3.0);
  EXPECT_EQ(slope, 2.0);  // no batch seen: mean 0, variance 1
  EXPECT_EQ(shift, 3.0);
}

TEST(BatchNormInference, GivesWhatTrainingGaveForTheSameStatistics) {
  const Shape s{.rows = 12, .features = 9, .activation = kElu, .dropout = false};
  Buffers<double> b(s.rows, s.features);
  b.running_mean.fill(0.0);
  b.running_var.fill(0.0);
  run_both("ref", s, b);  // one step: the averages, corrected, are this batch's statistics
  GuardedMatrix<double> y(s.rows, s.features);
  const double steps = 1.0;
  TestPool pool(1);
  kernel_named(batch_norm_inference_kernels(), "ref")
      .run({.type = DType::F64, .rows = s.rows, .features = s.features, .activation = kElu},
           {.z = b.z.matrix(),
            .y = y.matrix(),
            .gamma = b.gamma.matrix().data,
            .beta = b.beta.matrix().data,
            .running_mean = b.running_mean.matrix().data,
            .running_var = b.running_var.matrix().data,
            .steps = &steps,
            .momentum = 0.99},
           pool);
  EXPECT_TRUE(all_close(y.values(), b.y.values(), tolerance(DType::F64, {.terms_per_sum = s.rows})));
}

TEST(BatchNormInference, VectorKernelMatchesTheReference) {
  TestPool pool(1);
  for_each_target([&] {
    for (int64_t features = 1; features <= 70; ++features) {
      SCOPED_TRACE(features);
      const int64_t rows = 1 + features % 9;
      Buffers<float> b(rows, features, features % 3);
      GuardedMatrix<float> y_ref(rows, features);
      const float steps = static_cast<float>(features % 3) * 10.0F;
      const bool bare = features % 5 == 0;
      BatchNormInferenceArgs args{.z = b.z.matrix(),
                                  .y = b.y.matrix(),
                                  .gamma = bare ? nullptr : b.gamma.matrix().data,
                                  .beta = bare ? nullptr : b.beta.matrix().data,
                                  .running_mean = b.running_mean.matrix().data,
                                  .running_var = b.running_var.matrix().data,
                                  .steps = bare ? nullptr : &steps};
      const BatchNormInferenceProblem p{.rows = rows, .features = features, .activation = kElu};
      kernel_named(batch_norm_inference_kernels(), "cpu:simd").run(p, args, pool);
      args.y = y_ref.matrix();
      kernel_named(batch_norm_inference_kernels(), "ref").run(p, args, pool);
      EXPECT_TRUE(all_close(b.y.values(), y_ref.values(), tolerance(DType::F32)));
      EXPECT_TRUE(b.y.guards_are_intact());
    }
  });
}

}  // namespace
}  // namespace redbud::kernels
