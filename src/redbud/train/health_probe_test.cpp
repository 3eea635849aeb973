#include "redbud/train/health_probe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "redbud/kernels/activation.h"
#include "redbud/losses/registry.h"
#include "redbud/testing/core/tolerance.h"
#include "redbud/train/evaluator.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

TEST(HealthProbe, ChangesNoBitOfATraining) {
  const Toy toy;
  TrainResult results[2];
  for (const bool on : {false, true}) {
    Recorder recorder;
    TrainConfig config = config_for(4);
    config.weight_average = 0.99;
    config.health = on;
    results[on ? 1 : 0] = train(toy, toy.model(), config, recorder);
    for (const EpochReport& epoch : recorder.epochs) EXPECT_EQ(epoch.health.empty(), !on);
  }
  const auto off = results[0].best.values.parameter_memory().as<float>();
  const auto on = results[1].best.values.parameter_memory().as<float>();
  EXPECT_TRUE(std::equal(off.begin(), off.end(), on.begin(), on.end()));
  EXPECT_EQ(results[0].history, results[1].history);
}

TEST(HealthProbe, FiguresDoNotDependOnThreads) {
  const Toy toy(toy_classes(), toy_classes({.rows = 900, .seed = 2}));
  std::vector<ConfigValue> seen[2];
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads, {.threads = threads, .reason = ""});
    Recorder recorder;
    RunOptions options;
    options.observers = {&recorder};
    options.pool = &pool;
    run_training(toy.model({.hidden = {130, 16}, .activation = relu()}), *toy.train, *toy.validation, config_for(2),
                 options);
    for (const EpochReport& epoch : recorder.epochs) {
      for (const LayerHealth& layer : epoch.health) seen[threads == 1 ? 0 : 1].push_back(to_config(layer));
    }
  }
  EXPECT_EQ(seen[0].size(), 6u);
  EXPECT_EQ(seen[0], seen[1]);
}

/// Plain gradient descent moves weights by rate * gradient, so each layer's figures are bound to one another.
TEST(HealthProbe, UpdatesOfGradientDescentAreItsGradients) {
  const Toy toy;
  constexpr double kRate = 0.05;
  TrainConfig config = config_for(3);
  config.optimizer = sgd({.learning_rate = kRate});
  Recorder recorder;
  train(toy, toy.model({.hidden = {16, 8}, .activation = tanh()}), config, recorder);
  for (const EpochReport& epoch : recorder.epochs) {
    ASSERT_EQ(epoch.health.size(), 3u);
    for (const LayerHealth& layer : epoch.health) {
      ASSERT_TRUE(layer.update_ratio && layer.gradient_norm && layer.weight_norm);
      const double moved = *layer.update_ratio * *layer.weight_norm;
      EXPECT_GT(moved, 0.0);
      // A change is rounded where it is added to a weight that is so many times larger.
      const double tol = tolerance(DType::F32) / *layer.update_ratio;
      EXPECT_NEAR(moved / (kRate * *layer.gradient_norm), 1.0, tol) << layer.layer;
    }
  }
}

/// A network of two hidden layers with given weights, judged on the toy rows.
class Judged {
 public:
  Judged(const MlpConfig& config, const std::function<void(Model&)>& change) : model_(toy_.model(config)) {
    model_.values = model_.graph.make_store();
    model_.values.initialize(3);
    change(model_);
    HealthProbe probe(model_.graph, model_.values, BatchCut(toy_.train->rows(), 20));
    Evaluator evaluator({.graph = model_.graph,
                         .loss = loss_from_config(model_.loss),
                         .values = model_.values,
                         .recipe = model_.recipe,
                         .source = *toy_.validation,
                         .watched = watched_nodes(model_.graph)});
    ThreadPool pool(1);
    evaluator.run(pool, nullptr, &probe.activations());
    health = probe.take();
  }
  std::vector<LayerHealth> health;
  const Model& model() const { return model_; }
  const SampleSource& rows() const { return *toy_.validation; }

 private:
  Toy toy_;
  Model model_;
};

TEST(HealthProbe, ActivationNormIsThatOfTheFormula) {
  const Judged judged({.hidden = {5, 4}, .activation = tanh(), .batch_norm = NormPlace::None}, [](Model&) {});
  const auto& values = judged.model().values;
  const auto w = values.parameter(*values.parameters().find("hidden1.weight"));
  const auto b = values.parameter(*values.parameters().find("hidden1.bias"));
  const int64_t rows = judged.rows().rows();
  const int64_t width = judged.rows().type().inputs[0].width();
  std::vector<float> x(static_cast<size_t>(width));
  int32_t target = 0;
  BatchView view;
  view.inputs = {{x.data(), width}};
  view.targets = {{&target, 1}};
  double squares = 0.0;
  for (int64_t n = 0; n < rows; ++n) {
    judged.rows().gather(std::span<const int64_t>(&n, 1), view);
    for (size_t k = 0; k < 5; ++k) {
      double z = b[k];
      for (size_t c = 0; c < x.size(); ++c) z += double{x[c]} * w[c * 5 + k];
      squares += std::tanh(z) * std::tanh(z);
    }
  }
  const double expected = std::sqrt(squares / static_cast<double>(5 * rows));
  EXPECT_NEAR(*judged.health[0].activation_norm, expected, tolerance(DType::F32, {.terms_per_sum = width}));
}

TEST(HealthProbe, CountsDeadUnits) {
  const auto kill_three = [](Model& model) {
    const auto bias = model.values.parameter(*model.values.parameters().find("hidden2.bias"));
    for (size_t k : {0u, 3u, 7u}) bias[k] = -1e6F;
  };
  const MlpConfig config{.hidden = {16, 8}, .activation = relu(), .batch_norm = NormPlace::None};
  EXPECT_EQ(Judged(config, [](Model&) {}).health[1].dead, 0.0);
  const Judged judged(config, kill_three);
  EXPECT_EQ(judged.health[1].dead, 3.0 / 8.0);
  EXPECT_FALSE(judged.health[1].saturated.has_value());
  EXPECT_FALSE(judged.health[2].dead.has_value());  // scores don't die
  MlpConfig leaky = config;
  leaky.activation = leaky_relu();
  EXPECT_FALSE(Judged(leaky, kill_three).health[1].dead.has_value());
}

/// Where the sign of z decides, units far below 0 are dead; one that dips below 0 and comes back is not.
TEST(HealthProbe, CountsDeadUnitsOfGatedActivations) {
  for (const auto& activation : {gelu(), gelu_tanh(), silu(), mish(), hard_swish(), prelu(0.0)}) {
    const Judged judged({.hidden = {16, 8}, .activation = activation, .batch_norm = NormPlace::None}, [](Model& model) {
      const auto weight = model.values.parameter(*model.values.parameters().find("hidden2.weight"));
      const auto bias = model.values.parameter(*model.values.parameters().find("hidden2.bias"));
      std::fill(weight.begin(), weight.end(), 0.0F);
      std::fill(bias.begin(), bias.end(), 1.0F);
      for (size_t k : {0u, 3u, 7u}) bias[k] = -20.0F;
      bias[4] = -0.5F;
    });
    const bool dips = activation_name(activation) != "prelu";
    EXPECT_EQ(judged.health[1].dead, (dips ? 3.0 : 4.0) / 8.0) << activation_name(activation);
    EXPECT_FALSE(judged.health[1].saturated.has_value());
  }
}

/// What the ranges take for dead has hardly a derivative: by the slopes that training stores, in double.
TEST(HealthProbe, DeadMeansHardlyADerivative) {
  ThreadPool pool(1);
  std::vector<double> z;
  for (int i = 0; i <= 40'000; ++i) z.push_back(-30.0 + 0.001 * i);
  std::vector<double> y(z.size());
  std::vector<double> slope(z.size());
  for (const auto& activation : {gelu(), gelu_tanh(), silu(), mish(), hard_swish()}) {
    const kernels::ActivationForwardProblem problem{
        .type = DType::F64, .rows = 1, .features = static_cast<int64_t>(z.size()), .activation = activation};
    const auto matrix = [&](std::vector<double>& v) { return kernels::Matrix{v.data(), problem.features}; };
    kernels::activation_slopes_kernels().back().run(problem, {matrix(z), matrix(y), matrix(slope)}, pool);
    const ActivationRange range = activation_range(activation_name(activation));
    double of_dead = 0.0;
    int dead = 0;
    for (size_t i = 0; i < z.size(); ++i) {
      if (z[i] > -0.01 || y[i] > range.floor || y[i] < range.trough) continue;
      of_dead = std::max(of_dead, std::abs(slope[i]));
      ++dead;
    }
    const double greatest = *std::max_element(slope.begin(), slope.end());
    EXPECT_GT(dead, 20'000) << activation_name(activation);  // all from about -9 down, at least
    EXPECT_LT(of_dead, 0.005 * greatest) << activation_name(activation);
  }
}

TEST(HealthProbe, CountsSaturatedOutputs) {
  for (const auto& activation : {logistic(), tanh(), softsign(), hard_sigmoid()}) {
    const Judged judged({.hidden = {16, 8}, .activation = activation, .batch_norm = NormPlace::None}, [](Model& model) {
      const auto weight = model.values.parameter(*model.values.parameters().find("hidden2.weight"));
      const auto bias = model.values.parameter(*model.values.parameters().find("hidden2.bias"));
      std::fill(weight.begin(), weight.end(), 0.0F);
      bias[1] = 100.0F;
      bias[6] = -100.0F;
    });
    EXPECT_EQ(judged.health[1].saturated, 2.0 / 8.0) << activation_name(activation);
  }
}

TEST(HealthProbe, CountsStatisticsOutOfRange) {
  const Judged judged({.hidden = {16, 8}, .batch_norm = NormPlace::Before}, [](Model& model) {
    const auto var = model.values.buffer(*model.values.buffers().find("hidden2_norm.running_var"));
    std::fill(var.begin(), var.end(), 1.0F);
    var[0] = 0.0F;
    var[2] = 1e12F;
  });
  EXPECT_EQ(judged.health[1].norm_out_of_range, 2.0 / 8.0);
  EXPECT_FALSE(judged.health[2].norm_out_of_range.has_value());
}

TEST(HealthProbe, LooksAtTheLastFullStep) {
  const Toy toy;
  const Model model = toy.model();
  const auto step = [&](int64_t rows, int64_t batch) {
    return HealthProbe(model.graph, model.values, BatchCut(rows, batch)).step();
  };
  EXPECT_EQ(step(100, 20), 4);
  EXPECT_EQ(step(110, 20), 5);
  EXPECT_EQ(step(109, 20), 4);
  EXPECT_EQ(step(7, 20), 0);
}

}  // namespace
}  // namespace redbud
