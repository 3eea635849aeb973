// What dropout and its kin do to values: their mean and variance in training, nothing in prediction or frozen.
#include <gtest/gtest.h>

#include <cmath>

#include "redbud/layers/alpha_dropout.h"
#include "redbud/layers/dropout.h"
#include "redbud/layers/gaussian_dropout.h"
#include "redbud/layers/gaussian_noise.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/plan.h"

namespace redbud {
namespace {

constexpr int64_t kRows = 500;
constexpr int64_t kWidth = 400;

struct Run {
  PlanGoal goal = PlanGoal::Samples;
  bool frozen = false;
  uint64_t seed = 1;
  uint64_t step = 1;
  int threads = 1;
};

/// The layer's outputs for inputs that are all `x`.
std::vector<float> outputs_of(const std::shared_ptr<const Layer>& layer, float x, const Run& run) {
  Graph graph;
  graph.add_input("x", {kWidth});
  graph.add("layer", layer);
  if (run.frozen) graph.freeze("layer");
  ParameterStore values = graph.make_store();
  AlignedBuffer gradients(values.parameter_memory().bytes());
  Plan plan(graph, loss_from_config("mean_squared_error").get(), values, &gradients,
            {.goal = run.goal, .rows = kRows, .disabled_passes = {}});
  const BlockView& input = plan.batch().inputs[0];
  for (int64_t n = 0; n < kRows; ++n) std::fill_n(static_cast<float*>(input.data) + n * input.stride, kWidth, x);
  ThreadPool pool(run.threads, ThreadGrant{.threads = run.threads, .reason = "test"});
  plan.run({pool, run.seed, run.step});
  std::vector<float> y;
  for (int64_t n = 0; n < kRows; ++n)
    y.insert(y.end(), plan.output().row<float>(n), plan.output().row<float>(n) + kWidth);
  return y;
}

struct Case {
  const char* name;
  std::shared_ptr<const Layer> layer;
  double mean, variance;  // of what becomes of inputs 2
};

std::vector<Case> cases() {
  // Alpha dropout of a constant x: kept a x + b with probability q, else a z + b; so the spread of the two decides.
  const double q = 1.0 - 13107.0 / 65536.0, z = -1.7580993408473766;
  const double a = std::pow(q + z * z * q * (1.0 - q), -0.5), b = -a * (1.0 - q) * z;
  return {{"dropout", std::make_shared<Dropout>(DropoutConfig{.rate = 0.2}), 2.0, 4.0 * (1.0 - q) / q},
          {"alpha", std::make_shared<AlphaDropout>(AlphaDropoutConfig{.rate = 0.2}),
           q * (a * 2.0 + b) + (1.0 - q) * (a * z + b), q * (1.0 - q) * a * a * (2.0 - z) * (2.0 - z)},
          {"gaussian dropout", std::make_shared<GaussianDropout>(GaussianDropoutConfig{.rate = 0.2}), 2.0, 4.0 * 0.25},
          {"gaussian noise", std::make_shared<GaussianNoise>(GaussianNoiseConfig{.sigma = 0.3}), 2.0, 0.09}};
}

TEST(RandomLayers, HaveTheMeanAndVarianceOfTheClosedForm) {
  const auto count = static_cast<double>(kRows * kWidth);
  for (const Case& c : cases()) {
    double sum = 0.0, squares = 0.0;
    for (float y : outputs_of(c.layer, 2.0F, {})) {
      sum += static_cast<double>(y);
      squares += (static_cast<double>(y) - c.mean) * (static_cast<double>(y) - c.mean);
    }
    EXPECT_NEAR(sum / count, c.mean, 5.0 * std::sqrt(c.variance / count)) << c.name;
    // The variance of a squared deviation: 2 var^2 for normal numbers; (1 / (q p) - 4) var^2 = 2.25 var^2 for two
    // values.
    EXPECT_NEAR(squares / count, c.variance, 5.0 * c.variance * std::sqrt(2.25 / count)) << c.name;
  }
}

TEST(RandomLayers, DoNothingAtPredictionOrFrozen) {
  const std::vector<float> untouched(kRows * kWidth, 2.0F);
  for (const Case& c : cases()) {
    EXPECT_TRUE(outputs_of(c.layer, 2.0F, {.goal = PlanGoal::Predictions}) == untouched) << c.name;
    EXPECT_TRUE(outputs_of(c.layer, 2.0F, {.goal = PlanGoal::Statistics}) == untouched) << c.name;
    EXPECT_TRUE(outputs_of(c.layer, 2.0F, {.frozen = true}) == untouched) << c.name;
    EXPECT_TRUE(outputs_of(c.layer, 2.0F, {.goal = PlanGoal::Gradients, .frozen = true}) == untouched) << c.name;
  }
}

TEST(RandomLayers, AreAFunctionOfSeedAndStepAlone) {
  for (const Case& c : cases()) {
    const auto expected = outputs_of(c.layer, 2.0F, {});
    for (const int threads : {2, 3, 7}) EXPECT_TRUE(outputs_of(c.layer, 2.0F, {.threads = threads}) == expected);
    EXPECT_TRUE(outputs_of(c.layer, 2.0F, {.goal = PlanGoal::Gradients}) == expected) << c.name;
    EXPECT_FALSE(outputs_of(c.layer, 2.0F, {.seed = 2}) == expected) << c.name;
    EXPECT_FALSE(outputs_of(c.layer, 2.0F, {.step = 2}) == expected) << c.name;
  }
}

}  // namespace
}  // namespace redbud
