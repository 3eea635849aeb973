// Against PyTorch, optax and scikit-learn: tests/golden/losses.py.
#include <gtest/gtest.h>

#include "redbud/kernels/losses_test.h"
#include "redbud/testing/core/golden.h"
#include "redbud/testing/core/tolerance.h"

namespace redbud::kernels {
namespace {

constexpr int64_t kRows = 5;
constexpr int64_t kOutputs = 4;

struct GoldenCase {
  std::string line;     // of losses.txt
  std::string targets;  // the line of the targets
  std::span<const LossKernel> kernels;
  LossConstants constants = {};
  std::vector<double> class_weights = {};
};

std::vector<GoldenCase> golden_cases() {
  return {{"softmax_cross_entropy", "classes", softmax_cross_entropy_kernels()},
          {"softmax_smoothed", "classes", softmax_cross_entropy_kernels(), {.label_smoothing = 0.1}},
          {"softmax_shares", "shares", softmax_cross_entropy_kernels()},
          {"softmax_shares_smoothed", "shares", softmax_cross_entropy_kernels(), {.label_smoothing = 0.1}},
          {"softmax_class_weights", "classes", softmax_cross_entropy_kernels(), {}, {0.5, 2.0, 1.0, 3.0}},
          {"sigmoid_cross_entropy", "labels", sigmoid_cross_entropy_kernels()},
          {"sigmoid_smoothed", "labels", sigmoid_cross_entropy_kernels(), {.label_smoothing = 0.1}},
          {"mean_squared_error", "numbers", mean_squared_error_kernels()},
          {"mae", "numbers", mean_absolute_error_kernels()},
          {"huber", "numbers", huber_kernels(), {.delta = 0.7}},
          {"poisson", "counts", poisson_kernels()},
          {"cosine", "numbers", cosine_kernels()},
          {"hinge", "classes", hinge_kernels()},
          {"binary_hinge", "labels", binary_hinge_kernels()},
          {"sigmoid_focal", "labels", sigmoid_focal_kernels(), {.gamma = 2.0, .alpha = 0.25}},
          {"sigmoid_focal_symmetric", "labels", sigmoid_focal_kernels(), {.gamma = 1.5, .alpha = 0.5}},
          {"focal", "classes", focal_kernels(), {.gamma = 2.0, .alpha = 0.25}},
          {"quantile_value", "numbers", quantile_kernels(), {.q = 0.8}}};
}

/// The loss and its gradient, as a line of losses.txt has them.
template <class T>
std::vector<double> run_case(const GoldenCase& c, const LossKernel& kernel, GoldenLines& golden) {
  GuardedMatrix<T> scores(kRows, kOutputs), targets(kRows, kOutputs), dscores(kRows, kOutputs), weights(1, kRows);
  scores.assign(golden["scores"]);
  std::vector<int32_t> classes;
  for (const double k : golden["classes"]) classes.push_back(static_cast<int32_t>(k));
  const bool of_classes = c.targets == "classes";
  if (!of_classes) targets.assign(golden[c.targets]);
  for (int64_t n = 0; n < kRows && !c.class_weights.empty(); ++n) {
    const auto row_class = static_cast<size_t>(classes[static_cast<size_t>(n)]);
    weights.at(0, n) = static_cast<T>(c.class_weights[row_class]);
  }
  double loss = 0.0;
  TestPool pool(1);
  kernel.run({.type = dtype_of<T>,
              .rows = kRows,
              .outputs = kOutputs,
              .weighted = !c.class_weights.empty(),
              .soft = !of_classes,
              .constants = c.constants},
             {.scores = scores.matrix(),
              .target = of_classes ? Matrix{classes.data(), 1} : targets.matrix(),
              .weight = weights.matrix().data,
              .dscores = dscores.matrix(),
              .loss = &loss},
             pool);
  std::vector<double> found = {loss};
  for (const T d : dscores.values()) found.push_back(static_cast<double>(d));
  return found;
}

TEST(LossesGolden, LossesAndGradientsAreThoseOfOtherLibraries) {
  GoldenLines golden = read_golden("losses.txt");
  for (const GoldenCase& c : golden_cases()) {
    SCOPED_TRACE(c.line);
    const std::vector<double>& expected = golden[c.line];
    ASSERT_FALSE(expected.empty());
    auto exact = run_case<double>(c, kernel_named(c.kernels, "ref"), golden);
    auto fast = run_case<float>(c, c.kernels.front(), golden);
    exact.resize(expected.size());  // scikit-learn gives no gradient
    fast.resize(expected.size());
    EXPECT_TRUE(all_close(exact, expected, tolerance(DType::F64, {.terms_per_sum = kRows * kOutputs})));
    EXPECT_TRUE(all_close(fast, expected, tolerance(DType::F32, {.terms_per_sum = kRows * kOutputs})));
  }
}

}  // namespace
}  // namespace redbud::kernels
