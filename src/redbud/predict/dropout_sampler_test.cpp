#include "redbud/predict/dropout_sampler.h"

#include <gtest/gtest.h>

#include <cmath>

#include "redbud/core/rng.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/dropout.h"
#include "redbud/layers/mlp.h"
#include "redbud/predict/predictor.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

constexpr int64_t kFeatures = 6;

Model drawn(Graph graph, std::string loss) {
  Model model;
  model.graph = std::move(graph);
  model.loss = std::move(loss);
  model.values = model.graph.make_store();
  model.values.initialize(3);
  return model;
}

Model classifier(double dropout) {
  return drawn(mlp_graph({.hidden = {32, 32}, .dropout = dropout}, kFeatures, 3), "softmax_cross_entropy");
}

std::vector<float> random_rows(int64_t rows) {
  std::vector<float> x(static_cast<size_t>(rows * kFeatures));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(random_normal({.seed = 5}, static_cast<int64_t>(i)));
  return x;
}

struct Answer {
  std::vector<float> mean, deviation;
};

Answer sampled(const Model& model, const std::vector<float>& x, const DropoutSamplerConfig& config, int threads = 1) {
  DropoutSampler sampler(model, config);
  const size_t size = x.size() / kFeatures * static_cast<size_t>(sampler.outputs());
  Answer answer{std::vector<float>(size), std::vector<float>(size)};
  ThreadPool pool(threads, ThreadGrant{.threads = threads, .reason = "test"});
  sampler.predict({.x = x, .mean = answer.mean, .deviation = answer.deviation}, pool);
  return answer;
}

/// y = sum of w over the kept inputs: a network whose mean and spread are known.
TEST(DropoutSampler, GivesTheClosedFormOfALinearNetwork) {
  Graph graph;
  graph.add_input("x", {kFeatures});
  graph.add("drop", std::make_shared<Dropout>(DropoutConfig{.rate = 0.25}));
  graph.add("out", std::make_shared<Dense>(DenseConfig{.units = 1, .bias = false}));
  const Model model = drawn(graph, "mean_squared_error");
  const auto w = model.values.parameter(0);
  const std::vector<float> x = random_rows(3);
  const int64_t samples = 20'000;
  const Answer answer = sampled(model, x, {.samples = samples, .seed = 1});
  for (size_t n = 0; n < 3; ++n) {
    double mean = 0.0, variance = 0.0;
    for (size_t k = 0; k < kFeatures; ++k) {
      const double term = static_cast<double>(w[k]) * static_cast<double>(x[n * kFeatures + k]);
      mean += term;
      variance += term * term * 0.25 / 0.75;  // of a factor that is 0 or 1 / 0.75
    }
    const double deviation = std::sqrt(variance);
    const auto root = std::sqrt(static_cast<double>(samples));
    EXPECT_NEAR(static_cast<double>(answer.mean[n]), mean, 5.0 * deviation / root);
    EXPECT_NEAR(static_cast<double>(answer.deviation[n]), deviation, 5.0 * deviation / root);
  }
}

TEST(DropoutSampler, MeansOfProbabilitiesSumToOneAndSpread) {
  const std::vector<float> x = random_rows(40);
  const Model model = classifier(0.5);
  const Answer answer = sampled(model, x, {.samples = 50});
  for (size_t n = 0; n < 40; ++n) {
    double sum = 0.0;
    for (size_t k = 0; k < 3; ++k) {
      sum += static_cast<double>(answer.mean[n * 3 + k]);
      EXPECT_GT(answer.deviation[n * 3 + k], 0.0F);
    }
    EXPECT_NEAR(sum, 1.0, 1e-5);
  }
}

TEST(DropoutSampler, DroppingAlmostNothingIsPlainPrediction) {
  const std::vector<float> x = random_rows(40);
  const Model model = classifier(1.0 / 65536.0);
  const Answer answer = sampled(model, x, {.samples = 2, .seed = 1});
  const Predictor predictor(model);
  Predictor::Context context(predictor, 40);
  std::vector<float> plain(answer.mean.size());
  predictor.predict(x, 40, plain, context);
  // With this seed none of the 5,120 draws drops; what is left is the factor 65,536 / 65,535 in each hidden layer.
  for (size_t i = 0; i < plain.size(); ++i) EXPECT_NEAR(answer.mean[i], plain[i], 1e-4F);
}

TEST(DropoutSampler, GivesTheSameBitsForAllThreads) {
  const std::vector<float> x = random_rows(900);  // three whole pieces, and a rest
  const Model model = classifier(0.5);
  const Answer one = sampled(model, x, {.samples = 5});
  for (const int threads : {2, 3, 7}) {
    const Answer several = sampled(model, x, {.samples = 5}, threads);
    EXPECT_TRUE(several.mean == one.mean && several.deviation == one.deviation) << threads;
  }
  EXPECT_FALSE(sampled(model, x, {.samples = 5, .seed = 43}).mean == one.mean);
}

TEST(DropoutSampler, RowsInChunksAreRowsInOneCall) {
  const std::vector<float> x = random_rows(600);
  const Model model = classifier(0.5);
  const Answer whole = sampled(model, x, {.samples = 5});
  DropoutSampler sampler(model, {.samples = 5});
  ThreadPool pool(1);
  std::vector<float> mean(whole.mean.size()), deviation(whole.mean.size());
  for (size_t begin = 0; begin < 600; begin += 256) {
    const size_t rows = std::min<size_t>(256, 600 - begin);
    sampler.predict({.x = std::span(x).subspan(begin * kFeatures, rows * kFeatures),
                     .first = static_cast<int64_t>(begin),
                     .mean = std::span(mean).subspan(begin * 3, rows * 3),
                     .deviation = std::span(deviation).subspan(begin * 3, rows * 3)},
                    pool);
  }
  EXPECT_TRUE(mean == whole.mean && deviation == whole.deviation);
}

TEST(DropoutSampler, RefusesWhatCannotBeSampled) {
  EXPECT_TRUE(throws_error([] { DropoutSampler(classifier(0.0), {}); }, ErrorKind::Usage, "drops nothing"));
  EXPECT_TRUE(throws_error([] { DropoutSampler(classifier(0.5), {.samples = 1}); }, ErrorKind::Usage,
                           "the number of samples is out of range (1)"));
  Model frozen = classifier(0.5);
  for (const char* name : {"hidden1_dropout", "hidden2_dropout"}) frozen.graph.freeze(name);
  EXPECT_TRUE(throws_error([&] { DropoutSampler(frozen, {}); }, ErrorKind::Usage, "drops nothing"));
}

}  // namespace
}  // namespace redbud
