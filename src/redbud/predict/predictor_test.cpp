#include "redbud/predict/predictor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "redbud/core/rng.h"
#include "redbud/layers/batch_norm.h"
#include "redbud/layers/combine.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/layer_norm.h"
#include "redbud/layers/mlp.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/plan.h"
#include "redbud/predict/chain.h"
#include "redbud/predict/fold_batch_norm.h"

namespace redbud {
namespace {

constexpr RandomKey kKey{.seed = 5, .stream = Stream::Data};

/// A model with values that nothing special holds for: running statistics of some steps, biases away from 0.
Model shaken(Graph graph, std::string loss) {
  Model model;
  model.graph = std::move(graph);
  model.loss = std::move(loss);
  model.values = model.graph.make_store();
  model.values.initialize(3);
  int64_t element = 0;
  for (size_t s = 0; s < model.values.parameters().segments().size(); ++s) {
    for (float& v : model.values.parameter(static_cast<int>(s)))
      v += 0.1F * static_cast<float>(random_normal(kKey, element++));
  }
  for (size_t s = 0; s < model.values.buffers().segments().size(); ++s) {
    const bool steps = model.values.buffers()[static_cast<int>(s)].name.ends_with("steps");
    for (float& v : model.values.buffer(static_cast<int>(s)))
      v = steps ? 30.0F : 0.2F + 0.5F * random_uniform(kKey, element++);
  }
  return model;
}

std::vector<float> random_rows(int64_t rows, int64_t features) {
  std::vector<float> x(static_cast<size_t>(rows * features));
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(random_normal(kKey, 1000 + static_cast<int64_t>(i)));
  return x;
}

/// Predictions of the unfolded network by the reference kernels in double.
std::vector<double> reference(const Model& model, const std::vector<float>& x, int64_t rows) {
  ParameterStore values = model.values.converted(DType::F64);
  const PlanOptions options{.goal = PlanGoal::Predictions,
                            .rows = rows,
                            .type = DType::F64,
                            .kernels = kernels::KernelPolicy::ReferenceOnly,
                            .disabled_passes = {"fuse_linear_activation", "fuse_norm_activation"}};
  Plan plan(model.graph, loss_from_config(model.loss).get(), values, nullptr, options);
  const BlockView& input = plan.batch().inputs[0];
  const int64_t features = static_cast<int64_t>(x.size()) / rows;
  for (int64_t n = 0; n < rows; ++n) {
    for (int64_t k = 0; k < features; ++k) {
      static_cast<double*>(input.data)[n * input.stride + k] =
          static_cast<double>(x[static_cast<size_t>(n * features + k)]);
    }
  }
  ThreadPool pool(1);
  plan.run({pool, 0, 0});
  std::vector<double> y;
  for (int64_t n = 0; n < rows; ++n)
    y.insert(y.end(), plan.output().row<double>(n), plan.output().row<double>(n) + plan.output_width());
  return y;
}

void expect_same(const Model& model, int64_t rows) {
  const Predictor predictor(model);
  const auto x = random_rows(rows, predictor.features());
  std::vector<float> y(static_cast<size_t>(rows * predictor.outputs()));
  Predictor::Context context(predictor, rows);
  predictor.predict(x, rows, y, context);
  const auto expected = reference(model, x, rows);
  for (size_t i = 0; i < y.size(); ++i)
    ASSERT_NEAR(static_cast<double>(y[i]), expected[i], 2e-5 * std::max(1.0, std::abs(expected[i])));
}

/// Dense layers whose weights are standardised; two of them share one weight, and a norm follows each.
Graph standardized_graph(bool shared) {
  Graph graph;
  graph.add_input("x", {7});
  const DenseConfig config{.units = 7, .activation = elu(), .weight_standardization = true};
  graph.add("a", std::make_shared<Dense>(config));
  graph.add("norm", std::make_shared<BatchNorm>(BatchNormConfig{}));
  graph.add("b", std::make_shared<Dense>(config), {.inputs = {}, .shares = shared ? "a" : ""});
  graph.add("middle", std::make_shared<LayerNorm>(LayerNormConfig{}));
  graph.add("c", std::make_shared<Dense>(DenseConfig{.units = 3, .weight_standardization = true}));
  return graph;
}

TEST(Predictor, StandardisesWeightsOnce) {
  for (const bool shared : {false, true}) {
    const Model model = shaken(standardized_graph(shared), "softmax_cross_entropy");
    for (int64_t rows : {1, 13}) expect_same(model, rows);
    const Model folded = fold_batch_norm(model);
    const ConfigValue config = folded.graph.node(*folded.graph.find("a")).layer->config();
    EXPECT_EQ(config.find("weight_standardization") != nullptr, shared);
  }
  Graph plain;
  plain.add_input("x", {5});
  plain.add("a", std::make_shared<Dense>(DenseConfig{.units = 4, .activation = elu(), .weight_standardization = true}));
  plain.add("b", std::make_shared<Dense>(DenseConfig{.units = 4}), {.inputs = {}, .shares = ""});
  expect_same(shaken(plain, "softmax_cross_entropy"), 9);
}

TEST(Predictor, TakesEveryActivation) {
  for (const kernels::ActivationInfo& info : kernels::activation_table()) {
    SCOPED_TRACE(info.name);
    for (const NormPlace place : {NormPlace::Before, NormPlace::After, NormPlace::None}) {
      const MlpConfig config{.hidden = {19, 8}, .activation = info.defaults, .batch_norm = place, .dropout = 0.3};
      expect_same(shaken(mlp_graph(config, 11, 3), "softmax_cross_entropy"), 7);
    }
    Graph dense;  // with the activation in the dense layers
    dense.add_input("x", {6});
    for (const char* name : {"a", "b"}) {
      dense.add(name,
                std::make_shared<Dense>(DenseConfig{.units = 5, .bias = name[0] == 'a', .activation = info.defaults}));
      dense.add(std::string(name) + "_norm", std::make_shared<BatchNorm>(BatchNormConfig{}));
    }
    dense.add("output", std::make_shared<Dense>(DenseConfig{.units = 3, .activation = info.defaults}));
    expect_same(shaken(std::move(dense), "mean_squared_error"), 9);
  }
}

TEST(Predictor, EqualsTheUnfoldedNetworkInDouble) {
  for (const NormPlace place : {NormPlace::Before, NormPlace::After, NormPlace::None}) {
    const MlpConfig config{.hidden = {19, 33, 8}, .batch_norm = place, .dropout = 0.3, .input_dropout = 0.1};
    for (const char* loss :
         {"softmax_cross_entropy", "mean_squared_error", "sigmoid_cross_entropy", "poisson", "hinge"}) {
      for (int64_t rows : {1, 2, 7, 130, 300}) expect_same(shaken(mlp_graph(config, 11, 3), loss), rows);
    }
  }
}

TEST(Predictor, PackedWeightsBeginOnCacheLinesAndGiveTheSameBits) {
  const Model model =
      shaken(mlp_graph({.hidden = {100, 32}, .batch_norm = NormPlace::None}, 40, 7), "mean_squared_error");
  auto dense = chain_of(model);
  auto chain = chain_of(model);
  ASSERT_TRUE(dense && chain);
  const AlignedBuffer packed = pack_weights(*chain);
  ThreadPool pool(1);
  for (size_t i = 0; i < chain->size(); ++i) {
    ChainLayer &a = (*dense)[i], &b = (*chain)[i];
    for (int64_t k = 0; k < b.problem.inputs; ++k)
      EXPECT_EQ(reinterpret_cast<uintptr_t>(b.args.w.row<float>(k)) % 64, 0u) << i;
    for (int64_t rows : {1, 30}) {
      auto x = random_rows(rows, a.problem.inputs);
      std::vector<float> y(static_cast<size_t>(rows * a.problem.outputs)), z(y.size());
      a.problem.rows = b.problem.rows = rows;
      a.args.x = b.args.x = {x.data(), a.problem.inputs};
      a.args.y = {y.data(), a.problem.outputs};
      b.args.y = {z.data(), b.problem.outputs};
      a.kernel->run(a.problem, a.args, pool);
      b.kernel->run(b.problem, b.args, pool);
      EXPECT_EQ(y, z) << i << ", " << rows;
    }
  }
}

// A row of 250 would begin each 1,024 bytes once it is padded to whole lines; those of 32 lie on lines already.
TEST(Predictor, PacksRowsThatCrossCacheLines) {
  for (const std::vector<int64_t>& hidden : {std::vector<int64_t>{250, 32, 17}, std::vector<int64_t>{32, 250}}) {
    for (int64_t rows : {1, 40})
      expect_same(shaken(mlp_graph({.hidden = hidden}, 11, 250), "softmax_cross_entropy"), rows);
  }
}

TEST(Predictor, TakesNormOnTheScores) {
  expect_same(shaken(mlp_graph({.hidden = {9}, .batch_norm_on_output = true}, 6, 4), "softmax_cross_entropy"), 5);
}

TEST(Predictor, TakesNetworksThatAreNoChain) {
  Graph graph;
  graph.add_input("x", {6});
  graph.add("a", std::make_shared<Dense>(DenseConfig{.units = 5, .activation = elu()}));
  graph.add("b", std::make_shared<Dense>(DenseConfig{.units = 4, .activation = tanh()}), {.inputs = {"x"}});
  graph.add("both", std::make_shared<Concat>(), {.inputs = {"a", "b"}});
  graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 3}));
  for (const char* loss : {"softmax_cross_entropy", "poisson"}) {
    for (int64_t rows : {1, 3, 200}) expect_same(shaken(graph, loss), rows);
  }
}

TEST(Predictor, FoldingLeavesOnlyDenseAndActivation) {
  const Model folded =
      fold_batch_norm(shaken(mlp_graph({.hidden = {9, 7}, .dropout = 0.5}, 6, 4), "softmax_cross_entropy"));
  for (const Node& node : folded.graph.nodes()) {
    if (node.layer)
      EXPECT_TRUE(node.layer->kind() == "dense" || node.layer->kind() == "activation") << node.layer->kind();
  }
}

TEST(Predictor, ServesSeveralThreadsWithAContextEach) {
  const Model model = shaken(mlp_graph({.hidden = {40, 40}}, 11, 3), "softmax_cross_entropy");
  const Predictor predictor(model);
  const int64_t rows = 50;
  const auto x = random_rows(rows, 11);
  std::vector<std::vector<float>> results(4, std::vector<float>(static_cast<size_t>(rows * 3)));
  std::vector<std::thread> threads;
  for (auto& y : results) {
    threads.emplace_back([&] {
      Predictor::Context context(predictor, rows);
      for (int repeat = 0; repeat < 20; ++repeat) predictor.predict(x, rows, y, context);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& y : results) EXPECT_EQ(y, results[0]);
}

}  // namespace
}  // namespace redbud
