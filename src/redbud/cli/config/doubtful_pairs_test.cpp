#include "redbud/cli/config/doubtful_pairs.h"

#include <gtest/gtest.h>

#include "redbud/layers/activation.h"
#include "redbud/layers/batch_norm.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/dropout.h"
#include "redbud/layers/mlp.h"

namespace redbud::cli {
namespace {

std::vector<std::string> warnings(const kernels::Activation& f, const char* initializer, size_t layers,
                                  NormPlace place = NormPlace::Before) {
  return doubtful_pairs(mlp_graph(
      {.hidden = std::vector<int64_t>(layers, 8), .activation = f, .initializer = {initializer}, .batch_norm = place},
      5, 2));
}

TEST(DoubtfulPairs, SayEachOnce) {
  const auto found = warnings(elu(), "lecun_normal", 3);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("activation elu with initializer lecun_normal"), std::string::npos) << found[0];
  EXPECT_EQ(warnings(logistic(), "he_uniform", 2).size(), 1U);
  EXPECT_EQ(warnings(tanh(), "normal", 1, NormPlace::None).size(), 1U);
  EXPECT_EQ(warnings(selu(), "he_normal", 1).size(), 1U);
  EXPECT_EQ(warnings(relu(), "zeros", 1).size(), 1U);
}

TEST(DoubtfulPairs, ReluWithGlorotIsDoubtfulOnlyAtDepth) {
  EXPECT_TRUE(warnings(relu(), "glorot_normal", 4).empty());
  EXPECT_EQ(warnings(relu(), "glorot_normal", 5).size(), 1U);
}

TEST(DoubtfulPairs, HaveNothingToSayOfThePairsThatAreChosen) {
  for (const kernels::ActivationInfo& info : kernels::activation_table())
    EXPECT_TRUE(warnings(info.defaults, "auto", 12).empty()) << info.name;
  EXPECT_TRUE(warnings(relu(), "orthogonal", 12).empty());
}

TEST(DoubtfulPairs, SeeTheLongForm) {
  Graph graph;
  graph.add_input("x", {4});
  graph.add("a",
            std::make_shared<Dense>(DenseConfig{.units = 3, .activation = elu(), .initializer = {"lecun_uniform"}}));
  graph.add("output", std::make_shared<Dense>(DenseConfig{.units = 2, .initializer = {"he_normal"}}));
  EXPECT_EQ(doubtful_pairs(graph).size(), 1U);
}

/// A dense layer with LeCun's weights, batch norm, dropout and elu behind it.
Graph chain() {
  Graph graph;
  graph.add_input("x", {4});
  graph.add("a", std::make_shared<Dense>(DenseConfig{.units = 3, .initializer = {"lecun_normal"}}));
  graph.add("norm", std::make_shared<BatchNorm>(BatchNormConfig{}));
  graph.add("drop", std::make_shared<Dropout>(DropoutConfig{}));
  graph.add("bent", std::make_shared<ActivationLayer>(elu()));
  return graph;
}

TEST(DoubtfulPairs, SeeAsFarAsThePairsThatAreChosen) {
  Graph graph = chain();
  const auto found = doubtful_pairs(graph);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("activation elu with initializer lecun_normal"), std::string::npos) << found[0];
  graph.add("elsewhere", std::make_shared<ActivationLayer>(selu()), {.inputs = {"norm"}});
  EXPECT_TRUE(doubtful_pairs(graph).empty());
}

}  // namespace
}  // namespace redbud::cli
