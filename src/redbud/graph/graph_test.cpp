#include "redbud/graph/graph.h"

#include <gtest/gtest.h>

#include "redbud/layers/batch_norm.h"
#include "redbud/layers/dense.h"
#include "redbud/layers/mlp.h"
#include "redbud/layers/registry.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

std::shared_ptr<const Layer> dense(int64_t units) { return std::make_shared<Dense>(DenseConfig{.units = units}); }

TEST(Graph, InfersShapesAndLaysOutParameters) {
  Graph graph;
  graph.add_input("x", {28, 28});
  graph.add("hidden", dense(300));
  graph.add("output", dense(10));
  EXPECT_EQ(graph.output_shape(), Shape({10}));
  EXPECT_EQ(graph.parameter_count(), 784 * 300 + 300 + 300 * 10 + 10);
  EXPECT_EQ(graph.parameter_layout()[0].name, "hidden.weight");
  for (const Segment& s : graph.parameter_layout().segments()) EXPECT_EQ(s.offset % 16, 0) << s.name;
  EXPECT_NE(graph.summary().find("238,510 parameters"), std::string::npos) << graph.summary();
}

TEST(Graph, RefusesWhatIsWrong) {
  Graph graph;
  graph.add_input("x", {4});
  graph.add("hidden", dense(3));
  EXPECT_TRUE(throws_error([&] { graph.add("hidden", dense(3)); }, ErrorKind::Model, "two layers have the same name"));
  EXPECT_TRUE(throws_error([&] { graph.add("", dense(3)); }, ErrorKind::Model, "a layer has no name"));
  EXPECT_TRUE(
      throws_error([&] { graph.add("b", dense(3), {.inputs = {"hiden"}}); }, ErrorKind::Model, "did you mean hidden?"));
  EXPECT_TRUE(throws_error([&] { graph.add("c", dense(0)); }, ErrorKind::Model, "expected units of at least 1"));
  EXPECT_TRUE(throws_error([&] { graph.add("d", dense(5), {.inputs = {"x"}, .shares = "hidden"}); }, ErrorKind::Model,
                           "a shared parameter is wanted in two shapes"));
  EXPECT_TRUE(throws_error([&] { graph.add_input("y", {0}); }, ErrorKind::Model, "an input has no elements"));
  EXPECT_TRUE(throws_error(
      [] {
        Shape({int64_t{1} << 40, int64_t{1} << 40}).elements();
      },
      ErrorKind::Model, "fits 63 bits"));
}

TEST(Graph, SurvivesItsConfiguration) {
  Graph graph =
      mlp_graph({.hidden = {7, 5}, .activation = leaky_relu(0.2), .dropout = 0.25, .input_dropout = 0.1}, 6, 3);
  graph.freeze("hidden1");
  const Graph again = graph_from_config(to_config(graph), make_layer);
  EXPECT_EQ(to_config(again), to_config(graph));
  EXPECT_EQ(again.summary(), graph.summary());
  EXPECT_FALSE(again.parameter_layout()[0].trainable);
}

TEST(Graph, FreezingStopsTheLayersParametersOnly) {
  Graph graph = mlp_graph({.hidden = {7}, .batch_norm = NormPlace::None}, 6, 3);
  graph.freeze("hidden1");
  for (const Segment& s : graph.parameter_layout().segments())
    EXPECT_EQ(s.trainable, !s.name.starts_with("hidden1")) << s.name;
}

TEST(ParameterStore, DrawsTheSameValuesWhateverElseTheGraphHolds) {
  const Graph narrow = mlp_graph({.hidden = {7}}, 6, 3);
  const Graph deep = mlp_graph({.hidden = {7, 7, 7}}, 6, 3);
  ParameterStore a = narrow.make_store();
  ParameterStore b = deep.make_store();
  a.initialize(9);
  b.initialize(9);
  const auto first = a.parameter(0);
  const auto second = b.parameter(0);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), second.begin()));
  b.initialize(10);
  EXPECT_FALSE(std::equal(first.begin(), first.end(), b.parameter(0).begin()));
}

TEST(SegmentLayout, RefusesMoreThanCanBeCounted) {
  const auto add = [](SegmentLayout& layout, const char* name, int64_t size) {
    Segment segment;
    segment.name = name;
    segment.shape = {size};
    layout.add(std::move(segment));
  };
  SegmentLayout layout;
  add(layout, "a", int64_t{1} << 62);
  const int64_t before = layout.size();
  EXPECT_TRUE(throws_error([&] { add(layout, "b", int64_t{1} << 62); }, ErrorKind::Model, "b: the network has more"));
  EXPECT_TRUE(throws_error([&] { add(layout, "c", INT64_MAX); }, ErrorKind::Model, "c: the network has more"));
  EXPECT_EQ(layout.size(), before);
  EXPECT_EQ(layout.segments().size(), 1u);
}

}  // namespace
}  // namespace redbud
