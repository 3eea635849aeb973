#include <gtest/gtest.h>

#include "redbud/layers/activation.h"
#include "redbud/layers/activation_config.h"
#include "redbud/layers/alpha_dropout.h"
#include "redbud/layers/batch_norm.h"
#include "redbud/layers/combine.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/dropout.h"
#include "redbud/layers/gaussian_dropout.h"
#include "redbud/layers/gaussian_noise.h"
#include "redbud/layers/layer_norm.h"
#include "redbud/layers/log_softmax.h"
#include "redbud/layers/softmax.h"
#include "redbud/testing/check_layer.h"

namespace redbud {
namespace {

std::vector<kernels::Activation> all_activations() {
  std::vector<kernels::Activation> activations = {elu(0.5), leaky_relu(0.2), hard_sigmoid(0.2), prelu(-0.1),
                                                  rrelu(0.2, 0.9)};
  for (const kernels::ActivationInfo& info : kernels::activation_table()) activations.push_back(info.defaults);
  return activations;
}

TEST(DenseLayer, GradientsMatchCentralDifferences) {
  EXPECT_TRUE(check_layer(std::make_shared<Dense>(DenseConfig{.units = 7})));
  EXPECT_TRUE(check_layer(std::make_shared<Dense>(DenseConfig{.units = 7, .bias = false})));
}

TEST(DenseLayer, GradientsMatchWithEveryActivation) {
  for (const auto& f : all_activations()) {
    EXPECT_TRUE(check_layer(std::make_shared<Dense>(DenseConfig{.units = 6, .activation = f}))) << activation_name(f);
  }
}

TEST(ActivationLayer, GradientsMatchCentralDifferences) {
  for (const auto& f : all_activations()) {
    EXPECT_TRUE(check_layer(std::make_shared<ActivationLayer>(f), {.inputs = {17}})) << activation_name(f);
    EXPECT_TRUE(check_layer(
        std::make_shared<ActivationLayer>(f),
        {.inputs = {9}, .disabled_passes = {"fuse_linear_activation", "fuse_activation_gradient", "store_slopes"}}))
        << activation_name(f);
  }
}

TEST(DenseLayer, GradientsGoThroughStandardisedWeights) {
  for (const bool bias : {true, false}) {
    const DenseConfig config{.units = 6, .bias = bias, .activation = elu(), .weight_standardization = true};
    EXPECT_TRUE(check_layer(std::make_shared<Dense>(config), {.inputs = {7}}));
    EXPECT_TRUE(check_layer(std::make_shared<Dense>(config), {.inputs = {2}, .rows = 1}));
  }
}

TEST(LayerNormLayer, GradientsMatchCentralDifferences) {
  EXPECT_TRUE(check_layer(std::make_shared<LayerNorm>(LayerNormConfig{}), {.inputs = {7}}));
  EXPECT_TRUE(check_layer(std::make_shared<LayerNorm>(LayerNormConfig{}), {.inputs = {7}, .rows = 1}));
  EXPECT_TRUE(check_layer(std::make_shared<LayerNorm>(LayerNormConfig{.epsilon = 0.2, .scale = false})));
  EXPECT_TRUE(check_layer(std::make_shared<LayerNorm>(LayerNormConfig{.center = false})));
  EXPECT_TRUE(check_layer(std::make_shared<LayerNorm>(LayerNormConfig{.scale = false, .center = false})));
}

TEST(BatchNormLayer, GradientsMatchCentralDifferences) {
  EXPECT_TRUE(check_layer(std::make_shared<BatchNorm>(BatchNormConfig{})));
  EXPECT_TRUE(check_layer(std::make_shared<BatchNorm>(BatchNormConfig{.scale = false}), {.rows = 5}));
  EXPECT_TRUE(check_layer(std::make_shared<BatchNorm>(BatchNormConfig{.center = false}), {.rows = 2}));
}

TEST(DropoutLayer, GradientsMatchCentralDifferences) {
  EXPECT_TRUE(check_layer(std::make_shared<Dropout>(DropoutConfig{.rate = 0.4}), {.inputs = {11}, .rows = 6}));
}

std::vector<std::shared_ptr<const Layer>> random_layers() {
  return {std::make_shared<Dropout>(DropoutConfig{.rate = 0.3}),
          std::make_shared<AlphaDropout>(AlphaDropoutConfig{.rate = 0.3}),
          std::make_shared<GaussianDropout>(GaussianDropoutConfig{.rate = 0.3}),
          std::make_shared<GaussianNoise>(GaussianNoiseConfig{.sigma = 0.5})};
}

TEST(RandomLayers, GradientsMatchCentralDifferences) {
  for (const auto& layer : random_layers())
    EXPECT_TRUE(check_layer(layer, {.inputs = {11}, .rows = 6})) << layer->kind();
}

TEST(RandomLayers, FastKernelsAgreeWithTheReference) {
  for (const auto& layer : random_layers()) {
    Graph graph;
    graph.add_input("x", {19});
    graph.add("a", std::make_shared<Dense>(DenseConfig{.units = 37, .activation = selu()}));
    graph.add("random", layer);
    graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 4}));
    EXPECT_TRUE(check_fast_path(graph, {.rows = 23, .loss = "softmax_cross_entropy"})) << layer->kind();
  }
}

TEST(SoftmaxLayer, GradientsMatchCentralDifferences) { EXPECT_TRUE(check_layer(std::make_shared<Softmax>())); }

TEST(LogSoftmaxLayer, GradientsMatchCentralDifferences) { EXPECT_TRUE(check_layer(std::make_shared<LogSoftmax>())); }

TEST(CombineLayers, GradientsMatchCentralDifferences) {
  EXPECT_TRUE(check_layer(std::make_shared<Add>(), {.inputs = {5, 5, 5}}));
  EXPECT_TRUE(check_layer(std::make_shared<Concat>(), {.inputs = {3, 5, 2}}));
}

TEST(DeepGraph, LayerNormAndStandardisedWeightsOnTheFastPath) {
  Graph graph;
  graph.add_input("x", {19});
  for (const std::string name : {"a", "b"}) {
    graph.add(name, std::make_shared<Dense>(DenseConfig{.units = 37, .weight_standardization = true}));
    graph.add(name + "_norm", std::make_shared<LayerNorm>(LayerNormConfig{}));
    graph.add(name + "_f", std::make_shared<ActivationLayer>(relu()));
  }
  graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 4}));
  EXPECT_TRUE(check_fast_path(graph, {.rows = 23, .loss = "softmax_cross_entropy"}));
}

Graph deep_graph(const kernels::Activation& f) {
  Graph graph;
  graph.add_input("x", {9});
  for (int i = 0; i < 3; ++i) {
    const std::string number = std::to_string(i);
    graph.add("dense" + number,
              std::make_shared<Dense>(DenseConfig{.units = 20 + i, .bias = false, .initializer = {"he_normal"}}));
    graph.add("norm" + number, std::make_shared<BatchNorm>(BatchNormConfig{}));
    graph.add("f" + number, std::make_shared<ActivationLayer>(f));
    graph.add("drop" + number, std::make_shared<Dropout>(DropoutConfig{.rate = 0.25}));
  }
  graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 4}));
  return graph;
}

TEST(DeepGraph, GradientsMatchFusedAndUnfused) {
  const CheckOptions fused{.rows = 8, .loss = "softmax_cross_entropy"};
  CheckOptions unfused = fused;
  unfused.disabled_passes = {"fuse_norm_activation", "fuse_norm_dropout", "fuse_linear_activation",
                             "fuse_activation_gradient", "store_slopes"};
  for (const auto& f : all_activations()) {
    EXPECT_TRUE(check_graph(deep_graph(f), fused)) << activation_name(f);
    EXPECT_TRUE(check_graph(deep_graph(f), unfused)) << activation_name(f);
  }
}

TEST(DeepGraph, FastKernelsAgreeWithTheReference) {
  for (const auto& f : all_activations()) {
    EXPECT_TRUE(check_fast_path(deep_graph(f), {.rows = 23, .loss = "softmax_cross_entropy"})) << activation_name(f);
    EXPECT_TRUE(check_fast_path(deep_graph(f), {.rows = 50, .loss = "mean_squared_error"})) << activation_name(f);
    EXPECT_TRUE(check_fast_path(deep_graph(f), {.rows = 9, .loss = "sigmoid_cross_entropy"})) << activation_name(f);
  }
}

/// Trainable layers, a frozen stretch of everything that behaves in another way while it trains, trainable layers.
Graph frozen_middle(const BatchNormConfig& norm, const kernels::Activation& f) {
  Graph graph;
  graph.add_input("x", {5});
  graph.add("below", std::make_shared<Dense>(DenseConfig{.units = 6, .activation = tanh()}));
  graph.add("dense", std::make_shared<Dense>(DenseConfig{.units = 7}));
  graph.add("norm", std::make_shared<BatchNorm>(norm));
  graph.add("f", std::make_shared<ActivationLayer>(f));
  graph.add("drop", std::make_shared<Dropout>(DropoutConfig{.rate = 0.5}));
  graph.add("above", std::make_shared<Dense>(DenseConfig{.units = 3}));
  for (const char* name : {"dense", "norm", "f", "drop"}) graph.freeze(name);
  return graph;
}

TEST(FrozenLayers, GradientsPassThroughThem) {
  for (const auto& norm : {BatchNormConfig{}, BatchNormConfig{.epsilon = 0.3, .scale = false},
                           BatchNormConfig{.center = false}, BatchNormConfig{.scale = false, .center = false}}) {
    for (const auto& f : {elu(), relu(), gelu(), prelu(), rrelu(), identity()}) {
      const Graph graph = frozen_middle(norm, f);
      EXPECT_TRUE(check_graph(graph, {.rows = 7}));
      EXPECT_TRUE(check_graph(graph, {.rows = 1}));  // fixed statistics: a single row will do
      EXPECT_TRUE(check_graph(graph, {.rows = 7, .disabled_passes = {"fuse_norm_activation"}}));
      EXPECT_TRUE(check_fast_path(graph, {.rows = 23}));
    }
  }
}

TEST(DeepGraph, DenseLayersWithTheirOwnActivationAgreeToo) {
  for (const auto& f : all_activations()) {
    Graph graph;
    graph.add_input("x", {9});
    for (const char* name : {"a", "b", "c"})
      graph.add(name, std::make_shared<Dense>(DenseConfig{.units = 21, .activation = f}));
    graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 3}));
    EXPECT_TRUE(check_fast_path(graph, {.rows = 33, .loss = "softmax_cross_entropy"})) << activation_name(f);
  }
}

/// Two towers that share their weights, as for "the same digit or not?".
Graph two_towers() {
  Graph graph;
  graph.add_input("left", {6});
  graph.add_input("right", {6});
  graph.add("left_tower", std::make_shared<Dense>(DenseConfig{.units = 5, .activation = elu()}), {.inputs = {"left"}});
  graph.add("right_tower", std::make_shared<Dense>(DenseConfig{.units = 5, .activation = elu()}),
            {.inputs = {"right"}, .shares = "left_tower"});
  graph.add("both", std::make_shared<Concat>(), {.inputs = {"left_tower", "right_tower"}});
  graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 2}));
  return graph;
}

TEST(SharedParameters, GradientsOfBothTowersAdd) {
  const Graph graph = two_towers();
  EXPECT_EQ(graph.parameter_layout().segments().size(), 4U);  // one tower's weight and bias, the output's
  EXPECT_TRUE(check_graph(graph, {.loss = "softmax_cross_entropy"}));
  EXPECT_TRUE(check_graph(graph, {.loss = "sigmoid_cross_entropy"}));
  EXPECT_TRUE(check_fast_path(graph, {.rows = 31, .loss = "softmax_cross_entropy"}));
}

/// The same with a normalisation and standardised weights, all shared.
Graph normalised_towers() {
  Graph graph;
  for (const char* side : {"left", "right"}) graph.add_input(side, {6});
  const DenseConfig dense{.units = 5, .weight_standardization = true};
  std::vector<std::string> tops;
  for (const std::string side : {"left", "right"}) {
    const auto owner = [&](const char* layer) { return side == "left" ? std::string() : std::string("left_") + layer; };
    graph.add(side + "_dense", std::make_shared<Dense>(dense), {.inputs = {side}, .shares = owner("dense")});
    graph.add(side + "_norm", std::make_shared<LayerNorm>(LayerNormConfig{}), {.inputs = {}, .shares = owner("norm")});
    tops.push_back(side + "_norm");
  }
  graph.add("both", std::make_shared<Concat>(), {.inputs = tops});
  graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 2}));
  return graph;
}

TEST(SharedParameters, GradientsOfNormalisedTowersAdd) {
  const Graph graph = normalised_towers();
  EXPECT_EQ(graph.parameter_layout().segments().size(), 6U);
  EXPECT_TRUE(check_graph(graph, {.loss = "softmax_cross_entropy"}));
  EXPECT_TRUE(check_fast_path(graph, {.rows = 31, .loss = "softmax_cross_entropy"}));
}

TEST(SharedParameters, ABranchThatIsReadTwiceSumsItsGradients) {
  Graph graph;
  graph.add_input("x", {4});
  graph.add("a", std::make_shared<Dense>(DenseConfig{.units = 5, .activation = tanh()}));
  graph.add("b", std::make_shared<Dense>(DenseConfig{.units = 5, .activation = tanh()}));
  graph.add("sum", std::make_shared<Add>(), {.inputs = {"a", "b"}});
  graph.add("again", std::make_shared<Add>(), {.inputs = {"sum", "a"}});
  graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 3}));
  EXPECT_TRUE(check_graph(graph));
}

}  // namespace
}  // namespace redbud
