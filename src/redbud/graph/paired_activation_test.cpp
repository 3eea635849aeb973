#include "redbud/graph/paired_activation.h"

#include <gtest/gtest.h>

#include "redbud/graph/graph.h"
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
#include "redbud/layers/registry.h"
#include "redbud/layers/softmax.h"

namespace redbud {
namespace {

using LayerPointer = std::shared_ptr<const Layer>;

LayerPointer dense(const kernels::Activation& f = {}, const char* initializer = "auto") {
  return std::make_shared<Dense>(DenseConfig{.units = 4, .activation = f, .initializer = {initializer}});
}

LayerPointer bend(const kernels::Activation& f) { return std::make_shared<ActivationLayer>(f); }

/// x (4) and a dense layer "a" behind it.
Graph with_a(LayerPointer a = dense()) {
  Graph graph;
  graph.add_input("x", {4});
  graph.add("a", std::move(a));
  return graph;
}

Initializer of_weight(const Graph& graph, const char* layer) {
  return graph.parameter_layout()[*graph.parameter_layout().find(std::string(layer) + ".weight")].initializer;
}

const Initializer kOfIdentity{"glorot_normal"};

TEST(PairedActivation, IsThatOfTheActivationBehind) {
  for (const kernels::ActivationInfo& info : kernels::activation_table()) {
    Graph graph = with_a();
    EXPECT_EQ(of_weight(graph, "a"), kOfIdentity);
    graph.add("bent", bend(info.defaults));
    EXPECT_EQ(of_weight(graph, "a"), initializer_for(info.defaults)) << info.name;
    EXPECT_EQ(paired_activation(graph, 0), info.defaults) << info.name;
  }
}

TEST(PairedActivation, LooksThroughAllThatKeepsTheUnits) {
  Graph graph = with_a();
  graph.add("batch", std::make_shared<BatchNorm>(BatchNormConfig{}));
  graph.add("layer", std::make_shared<LayerNorm>(LayerNormConfig{}));
  graph.add("drop", std::make_shared<Dropout>(DropoutConfig{}));
  graph.add("alpha", std::make_shared<AlphaDropout>(AlphaDropoutConfig{}));
  graph.add("gauss", std::make_shared<GaussianDropout>(GaussianDropoutConfig{}));
  graph.add("noise", std::make_shared<GaussianNoise>(GaussianNoiseConfig{}));
  EXPECT_EQ(of_weight(graph, "a"), kOfIdentity);
  graph.add("bent", bend(selu()));
  graph.add("output", dense());
  EXPECT_EQ(of_weight(graph, "a"), Initializer{"lecun_normal"});
  EXPECT_EQ(of_weight(graph, "output"), kOfIdentity);
  const Graph again = graph_from_config(to_config(graph), make_layer);
  EXPECT_EQ(of_weight(again, "a"), Initializer{"lecun_normal"});
}

TEST(PairedActivation, OwnActivationsAndGivenInitializersStay) {
  Graph graph = with_a(dense(logistic()));
  graph.add("bent", bend(relu()));
  graph.add("b", dense({}, "orthogonal"));
  graph.add("bent again", bend(relu()));
  EXPECT_EQ(of_weight(graph, "a"), (Initializer{"glorot_normal", 4.0}));
  EXPECT_EQ(of_weight(graph, "b"), Initializer{"orthogonal"});
}

TEST(PairedActivation, LayersThatMixUnitsEndTheChain) {
  const std::vector<std::pair<LayerPointer, std::vector<std::string>>> mixing = {
      {dense(), {"a"}},
      {std::make_shared<Softmax>(), {"a"}},
      {std::make_shared<Add>(), {"a", "x"}},
      {std::make_shared<Concat>(), {"a", "x"}}};
  for (const auto& [layer, inputs] : mixing) {
    Graph graph = with_a();
    graph.add("mixed", layer, {.inputs = inputs});
    graph.add("bent", bend(relu()));
    EXPECT_EQ(of_weight(graph, "a"), kOfIdentity) << layer->kind();
  }
}

TEST(PairedActivation, BranchesMustAgree) {
  Graph same = with_a();
  same.add("bent", bend(relu()));
  same.add("drop", std::make_shared<Dropout>(DropoutConfig{}), {.inputs = {"a"}});
  EXPECT_EQ(of_weight(same, "a"), kOfIdentity) << "one way has no activation yet";
  same.add("bent too", bend(relu()));
  EXPECT_EQ(of_weight(same, "a"), Initializer{"he_normal"});

  Graph differ = with_a();
  differ.add("bent", bend(relu()));
  differ.add("bent otherwise", bend(selu()), {.inputs = {"a"}});
  EXPECT_EQ(of_weight(differ, "a"), kOfIdentity);

  Graph skip = with_a();
  skip.add("bent", bend(relu()));
  skip.add("sum", std::make_shared<Add>(), {.inputs = {"a", "bent"}});
  EXPECT_EQ(of_weight(skip, "a"), kOfIdentity);
}

TEST(PairedActivation, OfASharedParameterAllLayersMustAgree) {
  Graph graph = with_a();
  graph.add("bent", bend(relu()));
  graph.add("b", dense(), {.shares = "a"});
  EXPECT_EQ(of_weight(graph, "a"), kOfIdentity);
  graph.add("bent b", bend(relu()));
  EXPECT_EQ(of_weight(graph, "a"), Initializer{"he_normal"});
  graph.add("c", dense(tanh()), {.shares = "a"});
  EXPECT_EQ(of_weight(graph, "a"), kOfIdentity);
}

TEST(PairedActivation, TheWeightsAreDrawnByIt) {
  Graph behind = with_a();
  behind.add("bent", bend(relu()));
  const Graph own = with_a(dense(relu()));
  ParameterStore a = behind.make_store();
  ParameterStore b = own.make_store();
  a.initialize(5);
  b.initialize(5);
  EXPECT_TRUE(std::equal(a.parameter(0).begin(), a.parameter(0).end(), b.parameter(0).begin()));
}

}  // namespace
}  // namespace redbud
