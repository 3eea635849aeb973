#include "redbud/kernels/losses_test.h"

#include <gtest/gtest.h>

#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

template <class T>
double run(const LossCase& loss, const LossKernel& kernel, LossBuffers<T>& b, LossProblem problem) {
  TestPool pool(1);
  problem.type = dtype_of<T>;
  kernel.run(loss.problem(problem), b.args(), pool);
  return b.value;
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
      LossBuffers<double> b(loss, 5, 7, 3);
      const LossProblem problem{.rows = 5, .outputs = 7, .weighted = weighted};
      run(loss, loss.reference(), b, problem);
      const auto gradient = b.dscores.values();
      for (int64_t n = 0; n < 5; ++n) {
        for (int64_t k = 0; k < 7; ++k) {
          const double h = 1e-5, old = b.scores.at(n, k);
          b.scores.at(n, k) = old + h;
          const double above = run(loss, loss.reference(), b, problem);
          b.scores.at(n, k) = old - h;
          const double below = run(loss, loss.reference(), b, problem);
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
    LossBuffers<double> b(loss, 6, 3);
    double sum = 0.0, weights = 0.0;
    for (int64_t n = 0; n < 6; ++n) {
      std::vector<double> s, t;
      for (int64_t k = 0; k < 3; ++k) s.push_back(b.scores.at(n, k)), t.push_back(b.values.at(n, k));
      sum += b.weight.at(0, n) * run_reference(loss, s, t, b.classes[static_cast<size_t>(n)]);
      weights += b.weight.at(0, n);
    }
    EXPECT_NEAR(run(loss, loss.reference(), b, {.rows = 6, .outputs = 3, .weighted = true}), sum / weights, 1e-13);
  }
}

TEST(Losses, AWeightOfTwoIsARowTwice) {
  for (const LossCase& loss : all_losses()) {
    SCOPED_TRACE(loss.name);
    LossBuffers<double> twice(loss, 4, 5), doubled(loss, 4, 5);
    for (int64_t k = 0; k < 5; ++k) {  // row 3 is row 1 again
      twice.scores.at(3, k) = twice.scores.at(1, k);
      twice.values.at(3, k) = twice.values.at(1, k);
    }
    twice.classes[3] = twice.classes[1];
    doubled.weight.assign(std::vector<double>{1.0, 2.0, 1.0, 0.0});
    const double all = run(loss, loss.reference(), twice, {.rows = 4, .outputs = 5});
    EXPECT_NEAR(run(loss, loss.reference(), doubled, {.rows = 3, .outputs = 5, .weighted = true}), all, 1e-14);
    const auto expected = twice.dscores.values();
    const auto found = doubled.dscores.values();
    for (size_t k = 0; k < 5; ++k) {
      EXPECT_NEAR(found[k], expected[k], 1e-15);
      EXPECT_NEAR(found[5 + k], expected[5 + k] + expected[15 + k], 1e-15);
    }
  }
}

TEST(Losses, WeightsThatSumToZeroGiveNeitherLossNorGradient) {
  for (const LossCase& loss : all_losses()) {
    for (const LossKernel* kernel : {&loss.fast(), &loss.reference()}) {
      SCOPED_TRACE(loss.name + " " + std::string(kernel->name));
      LossBuffers<float> b(loss, 6, 3);
      b.weight.fill(0.0F);
      EXPECT_EQ(run(loss, *kernel, b, {.rows = 6, .outputs = 3, .weighted = true}), 0.0);
      for (const float d : b.dscores.values()) EXPECT_EQ(d, 0.0F);
    }
  }
}

TEST(Losses, AScoreThatIsNotANumberShowsInTheLoss) {
  for (const LossCase& loss : all_losses()) {
    for (const LossKernel* kernel : {&loss.fast(), &loss.reference()}) {
      for (int64_t k = 0; k < 3; ++k) {
        SCOPED_TRACE(loss.name + " " + std::string(kernel->name));
        LossBuffers<float> b(loss, 6, 3);
        b.scores.at(4, k) = std::numeric_limits<float>::quiet_NaN();
        EXPECT_TRUE(std::isnan(run(loss, *kernel, b, {.rows = 6, .outputs = 3})));
      }
    }
  }
}

void expect_matches_reference(const LossCase& loss, int64_t rows, int64_t outputs, bool weighted) {
  SCOPED_TRACE(loss.name + " rows " + std::to_string(rows) + " outputs " + std::to_string(outputs));
  const int64_t padding = outputs % 3;
  const LossProblem problem{.rows = rows, .outputs = outputs, .weighted = weighted};
  LossBuffers<float> fast(loss, rows, outputs, padding), slow(loss, rows, outputs, padding);
  const double value = run(loss, loss.fast(), fast, problem);
  const double expected = run(loss, loss.reference(), slow, problem);
  const double tol = tolerance(DType::F32, {.terms_per_sum = outputs});
  // Signed terms: those of poisson may cancel.
  EXPECT_NEAR(value, expected, tol * std::max(std::abs(expected), loss.targets == Targets::Counts ? 10.0 : 0.0));
  EXPECT_TRUE(all_close(fast.dscores.values(), slow.dscores.values(), tol));
  EXPECT_TRUE(fast.dscores.guards_are_intact());
  fast.dscores.fill(-7.0F);
  LossProblem only_loss = problem;
  only_loss.gradient = false;
  EXPECT_EQ(run(loss, loss.fast(), fast, only_loss), value);
  for (const float d : fast.dscores.values()) ASSERT_EQ(d, -7.0F);  // without a gradient nothing is written
  LossArgs args = fast.args();
  args.dscores = args.scores;
  TestPool pool(1);
  loss.fast().run(loss.problem(problem), args, pool);
  EXPECT_EQ(fast.value, value);
  EXPECT_TRUE(all_close(fast.scores.values(), slow.dscores.values(), tol));
}

TEST(Losses, VectorKernelsMatchTheReferences) {
  for_each_target([&] {
    for (const LossCase& loss : all_losses()) {
      for (int64_t outputs = loss.fewest_outputs(); outputs <= 70; outputs += outputs < 34 ? 1 : 9) {
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
    LossBuffers<float> b(loss, 701, 130);
    expect_same_bits_for_all_threads(
        loss.fast(), loss.problem({.rows = 701, .outputs = 130, .weighted = true}), b.args(),
        [&] { b.dscores.fill(0.0F), b.value = 0.0; }, [&] { return std::pair(b.value, b.dscores.values()); });
  }
}

}  // namespace
}  // namespace redbud::kernels
