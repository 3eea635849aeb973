#include "redbud/kernels/losses.h"

#include <gtest/gtest.h>

#include "redbud/kernels/kernel_test.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

struct LossCase {
  std::string name;
  std::span<const LossKernel> kernels;
  bool class_targets;
};

std::vector<LossCase> all_losses() {
  return {{"softmax cross-entropy", softmax_cross_entropy_kernels(), true},
          {"sigmoid cross-entropy", sigmoid_cross_entropy_kernels(), false},
          {"mean squared error", mean_squared_error_kernels(), false}};
}

/// All buffers of one loss, with random scores and targets.
template <class T>
struct Buffers {
  Buffers(const LossCase& loss, int64_t rows, int64_t outputs, int64_t padding = 0)
      : scores(rows, outputs, padding),
        values(rows, outputs, padding),
        weight(1, rows),
        dscores(rows, outputs, padding) {
    scores.fill_normal(1, 3.0);
    values.fill_normal(2);
    for (int64_t n = 0; n < rows; ++n) {
      classes.push_back(static_cast<int32_t>(random_word({.seed = 3}, n) % static_cast<uint32_t>(outputs)));
      weight.at(0, n) = static_cast<T>(n % 4) * T(0.5);
      for (int64_t k = 0; k < outputs && loss.name[1] == 'i'; ++k) values.at(n, k) = static_cast<T>((n + k) % 3) / T(2);
    }
    target = loss.class_targets ? Matrix{classes.data(), 1} : values.matrix();
  }

  LossArgs args() {
    return {.scores = scores.matrix(),
            .target = target,
            .weight = weight.matrix().data,
            .dscores = dscores.matrix(),
            .loss = &value};
  }

  GuardedMatrix<T> scores, values, weight, dscores;
  std::vector<int32_t> classes;
  Matrix target;
  double value = std::numeric_limits<double>::quiet_NaN();
};

template <class T>
double run(const LossKernel& kernel, Buffers<T>& b, int64_t rows, int64_t outputs, bool weighted,
           bool gradient = true) {
  TestPool pool(1);
  kernel.run({.type = dtype_of<T>, .rows = rows, .outputs = outputs, .weighted = weighted, .gradient = gradient},
             b.args(), pool);
  return b.value;
}

double run_reference(const LossCase& loss, const std::vector<double>& scores, const std::vector<double>& target,
                     int32_t index, std::vector<double>* gradient = nullptr) {
  const auto outputs = static_cast<int64_t>(scores.size());
  std::vector<double> s = scores, t = target, ds(scores.size());
  double value = 0.0;
  TestPool pool(1);
  kernel_named(loss.kernels, "ref")
      .run({.type = DType::F64, .rows = 1, .outputs = outputs},
           {.scores = {s.data(), outputs},
            .target = loss.class_targets ? Matrix{&index, 1} : Matrix{t.data(), outputs},
            .dscores = {ds.data(), outputs},
            .loss = &value},
           pool);
  if (gradient != nullptr) *gradient = ds;
  return value;
}

TEST(Losses, ReferencesMatchClosedForms) {
  const auto losses = all_losses();
  std::vector<double> gradient;
  // softmax of (log 1, log 2, log 5) is (1, 2, 5) / 8
  EXPECT_NEAR(run_reference(losses[0], {0.0, std::log(2.0), std::log(5.0)}, {}, 1, &gradient), std::log(4.0), 1e-14);
  EXPECT_TRUE(all_close(gradient, std::vector<double>{0.125, 0.25 - 1.0, 0.625}, tolerance(DType::F64)));
  // logistic(log 3) is 3 / 4
  EXPECT_NEAR(run_reference(losses[1], {std::log(3.0), -std::log(3.0)}, {1.0, 1.0}, 0, &gradient),
              -std::log(0.75) - std::log(0.25), 1e-14);
  EXPECT_TRUE(all_close(gradient, std::vector<double>{-0.25, -0.75}, tolerance(DType::F64)));
  EXPECT_NEAR(run_reference(losses[2], {1.0, 2.0, 4.0}, {1.0, 0.0, 1.0}, 0, &gradient), 13.0 / 3.0, 1e-14);
  EXPECT_TRUE(all_close(gradient, std::vector<double>{0.0, 4.0 / 3.0, 2.0}, tolerance(DType::F64)));
}

TEST(Losses, StayFiniteForLargeScores) {
  const auto losses = all_losses();
  TestPool pool(1);
  for_each_target([&] {
    for (const auto name : {"cpu:simd", "ref"}) {
      SCOPED_TRACE(name);
      std::vector<float> s = {3e4F, -3e4F, 0.0F}, t = {0.0F, 1.0F, 1.0F}, ds(3);
      int32_t index = 1;
      double value = 0.0;
      const LossProblem p{.rows = 1, .outputs = 3};
      kernel_named(losses[0].kernels, name)
          .run(p, {.scores = {s.data(), 3}, .target = {&index, 1}, .dscores = {ds.data(), 3}, .loss = &value}, pool);
      EXPECT_DOUBLE_EQ(value, 6e4);
      EXPECT_EQ(ds, (std::vector<float>{1, -1, 0}));
      kernel_named(losses[1].kernels, name)
          .run(p, {.scores = {s.data(), 3}, .target = {t.data(), 3}, .dscores = {ds.data(), 3}, .loss = &value}, pool);
      EXPECT_NEAR(value, 6e4 + std::log(2.0), 1e-2);
      EXPECT_EQ(ds, (std::vector<float>{1, -1, -0.5F}));
    }
  });
}

TEST(Losses, ReferenceGradientsMatchCentralDifferences) {
  for (const LossCase& loss : all_losses()) {
    for (const bool weighted : {false, true}) {
      SCOPED_TRACE(loss.name + (weighted ? ", weighted" : ""));
      Buffers<double> b(loss, 5, 7, 3);
      const LossKernel& kernel = kernel_named(loss.kernels, "ref");
      run(kernel, b, 5, 7, weighted);
      const auto gradient = b.dscores.values();
      for (int64_t n = 0; n < 5; ++n) {
        for (int64_t k = 0; k < 7; ++k) {
          const double h = 1e-5, old = b.scores.at(n, k);
          b.scores.at(n, k) = old + h;
          const double above = run(kernel, b, 5, 7, weighted);
          b.scores.at(n, k) = old - h;
          const double below = run(kernel, b, 5, 7, weighted);
          b.scores.at(n, k) = old;
          EXPECT_NEAR(gradient[static_cast<size_t>(n * 7 + k)], (above - below) / (2.0 * h), 1e-8);
        }
      }
    }
  }
}

TEST(Losses, WeightsAreThoseOfAWeightedMean) {
  for (const LossCase& loss : all_losses()) {
    SCOPED_TRACE(loss.name);
    Buffers<double> b(loss, 6, 3);
    double sum = 0.0, weights = 0.0;
    for (int64_t n = 0; n < 6; ++n) {
      std::vector<double> s, t;
      for (int64_t k = 0; k < 3; ++k) s.push_back(b.scores.at(n, k)), t.push_back(b.values.at(n, k));
      sum += b.weight.at(0, n) * run_reference(loss, s, t, b.classes[static_cast<size_t>(n)]);
      weights += b.weight.at(0, n);
    }
    EXPECT_NEAR(run(kernel_named(loss.kernels, "ref"), b, 6, 3, true), sum / weights, 1e-13);
  }
}

TEST(Losses, WeightsThatSumToZeroGiveNeitherLossNorGradient) {
  for (const LossCase& loss : all_losses()) {
    for (const auto name : {"cpu:simd", "ref"}) {
      SCOPED_TRACE(loss.name + " " + name);
      Buffers<float> b(loss, 6, 3);
      b.weight.fill(0.0F);
      EXPECT_EQ(run(kernel_named(loss.kernels, name), b, 6, 3, true), 0.0);
      for (const float d : b.dscores.values()) EXPECT_EQ(d, 0.0F);
    }
  }
}

void expect_matches_reference(const LossCase& loss, int64_t rows, int64_t outputs, bool weighted) {
  SCOPED_TRACE(loss.name + " rows " + std::to_string(rows) + " outputs " + std::to_string(outputs));
  const int64_t padding = outputs % 3;
  Buffers<float> fast(loss, rows, outputs, padding), slow(loss, rows, outputs, padding);
  const double value = run(kernel_named(loss.kernels, "cpu:simd"), fast, rows, outputs, weighted);
  const double expected = run(kernel_named(loss.kernels, "ref"), slow, rows, outputs, weighted);
  const double tol = tolerance(DType::F32, {.terms_per_sum = outputs});
  EXPECT_NEAR(value, expected, tol * expected);
  EXPECT_TRUE(all_close(fast.dscores.values(), slow.dscores.values(), tol));
  EXPECT_TRUE(fast.dscores.guards_are_intact());
  fast.dscores.fill(-7.0F);
  EXPECT_EQ(run(kernel_named(loss.kernels, "cpu:simd"), fast, rows, outputs, weighted, false), value);
  for (const float d : fast.dscores.values()) ASSERT_EQ(d, -7.0F);  // without a gradient nothing is written
  LossArgs args = fast.args();
  args.dscores = args.scores;
  TestPool pool(1);
  kernel_named(loss.kernels, "cpu:simd").run({.rows = rows, .outputs = outputs, .weighted = weighted}, args, pool);
  EXPECT_EQ(fast.value, value);
  EXPECT_TRUE(all_close(fast.scores.values(), slow.dscores.values(), tol));
}

TEST(Losses, VectorKernelsMatchTheReferences) {
  for_each_target([&] {
    for (const LossCase& loss : all_losses()) {
      for (int64_t outputs = 1; outputs <= 70; ++outputs) {
        expect_matches_reference(loss, 2 + outputs * 5 % 39, outputs, outputs % 2 == 0);
      }
      expect_matches_reference(loss, 3, 3000, false);
      expect_matches_reference(loss, 301, 130, true);  // several pieces
    }
  });
}

TEST(Losses, BitsAreTheSameForAllThreads) {
  for (const LossCase& loss : all_losses()) {
    SCOPED_TRACE(loss.name);
    Buffers<float> b(loss, 701, 130);
    expect_same_bits_for_all_threads(
        kernel_named(loss.kernels, "cpu:simd"), LossProblem{.rows = 701, .outputs = 130, .weighted = true}, b.args(),
        [&] { b.dscores.fill(0.0F), b.value = 0.0; }, [&] { return std::pair(b.value, b.dscores.values()); });
  }
}

}  // namespace
}  // namespace redbud::kernels
