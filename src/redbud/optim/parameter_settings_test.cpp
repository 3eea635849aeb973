#include "redbud/optim/parameter_settings.h"

#include <gtest/gtest.h>

#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

SegmentLayout small_layout() {
  SegmentLayout layout;
  for (const char* name : {"hidden1.weight", "hidden1.bias", "hidden2.weight", "output.weight"}) {
    Segment s;
    s.name = name;
    s.shape = {4, 4};
    s.decayed = !std::string_view(name).ends_with("bias");
    layout.add(std::move(s));
  }
  return layout;
}

TEST(ParameterSettings, NamesAreThoseOfLayersOrParameters) {
  EXPECT_TRUE(names_parameter("hidden1", "hidden1.weight"));
  EXPECT_TRUE(names_parameter("hidden1.weight", "hidden1.weight"));
  EXPECT_TRUE(names_parameter("hidden*", "hidden1.bias"));
  EXPECT_TRUE(names_parameter("*.bias", "hidden1.bias"));
  EXPECT_TRUE(names_parameter("h*1*t", "hidden1.weight"));
  EXPECT_TRUE(names_parameter("hidden?", "hidden2.bias"));
  EXPECT_TRUE(names_parameter("*", "a.b"));
  EXPECT_FALSE(names_parameter("hidden", "hidden1.weight"));
  EXPECT_FALSE(names_parameter("hidden1.w", "hidden1.weight"));
  EXPECT_FALSE(names_parameter("?", "hidden1.weight"));
  EXPECT_FALSE(names_parameter("", "hidden1.weight"));
  EXPECT_FALSE(names_parameter("*********************x", std::string(5000, 'y')));  // and soon
}

TEST(ParameterSettings, ALaterTableWinsKeyByKey) {
  const SegmentLayout layout = small_layout();
  OptimizerConfig config{.l1 = 0.1, .l2 = 0.2, .weight_decay = 0.3, .max_norm = 3.0};
  config.layers = {{.name = "hidden*", .learning_rate_factor = 0.5, .decay_factor = 0.0, .max_norm = 2.0},
                   {.name = "hidden2", .decay_factor = 2.0, .l1 = 0.0}};
  const auto of = [&](int i) { return settings_of(config, layout[i]); };
  EXPECT_EQ(of(0), (ParameterSettings{.rate = 0.5}));
  EXPECT_EQ(of(1), (ParameterSettings{.rate = 0.5}));
  EXPECT_EQ(of(2), (ParameterSettings{.rate = 0.5, .l1 = 0.0, .l2 = 0.4, .weight_decay = 0.6}));
  EXPECT_EQ(of(3), (ParameterSettings{.l1 = 0.1, .l2 = 0.2, .weight_decay = 0.3}));
  EXPECT_EQ(max_norm_of(config, layout[0]), 2.0);
  EXPECT_EQ(max_norm_of(config, layout[3]), 3.0);
}

TEST(ParameterSettings, ALayerThatIsNotThereIsNamedWithTheNearest) {
  const SegmentLayout layout = small_layout();
  OptimizerConfig config;
  config.layers = {{.name = "hiden2", .where = "run.toml:7:1"}};
  EXPECT_TRUE(throws_error([&] { check_layer_names(config, layout); }, ErrorKind::Usage,
                           "run.toml:7:1: train.layer names no parameter (\"hiden2\"), expected the name of a layer or "
                           "parameter, * for any characters; did you mean hidden2?"));
  EXPECT_TRUE(throws_error([&] { Optimizer(config, layout); }, ErrorKind::Usage, "train.layer names no parameter"));
  config.layers = {{.name = "*.bias"}};
  check_layer_names(config, layout);
}

TEST(ParameterSettings, AreReadAndWritten) {
  ConfigValue first;
  first.set("name", "hidden1*");
  first.set("learning_rate_factor", 0.1);
  first.set("max_norm", 2);
  ConfigValue second;
  second.set("name", "output");
  second.set("decay_factor", 0.0);
  const ConfigValue list(ConfigValue::List{first, second});
  const std::vector<LayerSettings> layers = layers_from_config(list);
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].learning_rate_factor, 0.1);
  EXPECT_EQ(layers[0].max_norm, 2.0);
  EXPECT_EQ(layers[0].l1, std::nullopt);
  EXPECT_EQ(layers[1].decay_factor, 0.0);
  EXPECT_EQ(to_config(layers_from_config(to_config(layers))), to_config(layers));
}

TEST(ParameterSettings, SayWhatIsWrong) {
  const auto refuses = [](ConfigValue::Table entries, const char* text) {
    return throws_error([&] { layers_from_config(ConfigValue::List{ConfigValue(std::move(entries))}); },
                        ErrorKind::Usage, text);
  };
  EXPECT_TRUE(refuses({{"name", "a"}, {"learning_rate", 0.1}}, "unknown key \"learning_rate\" in [[train.layer]]"));
  EXPECT_TRUE(refuses({{"name", "a"}, {"l3", 0.1}}, "did you mean l1?"));
  EXPECT_TRUE(refuses({{"name", "a"}, {"l1", -0.1}}, "train.layer.l1 is out of range (-0.1)"));
  EXPECT_TRUE(refuses({{"l1", 0.1}}, "a [[train.layer]] has no name"));
}

TEST(ParameterSettings, FactorsOfOneChangeNoBit) {
  const SegmentLayout layout = small_layout();
  ThreadPool pool(1);
  std::vector<std::vector<float>> trained;
  for (const bool with_factors : {false, true}) {
    OptimizerConfig config = adam({.clip_norm = 1.0, .l1 = 0.01, .l2 = 0.1, .weight_decay = 0.01, .max_norm = 1.0});
    if (with_factors) config.layers = {{.name = "hidden1.weight", .learning_rate_factor = 1.0, .decay_factor = 1.0}};
    Optimizer optimizer(config, layout);
    AlignedBuffer w(layout.size() * static_cast<int64_t>(sizeof(float)));
    AlignedBuffer g(w.bytes());
    for (size_t i = 0; i < w.as<float>().size(); ++i) w.as<float>()[i] = 0.01F * static_cast<float>(i % 7) - 0.03F;
    for (size_t i = 0; i < g.as<float>().size(); ++i) g.as<float>()[i] = 0.1F * static_cast<float>(i % 5) - 0.2F;
    for (int t = 0; t < 3; ++t) optimizer.update(w, g, 1.0, pool);
    trained.emplace_back(w.as<float>().begin(), w.as<float>().end());
  }
  EXPECT_EQ(trained[0], trained[1]);
}

TEST(ParameterSettings, AFactorOfZeroLeavesALayerAsItIs) {
  const SegmentLayout layout = small_layout();
  ThreadPool pool(1);
  OptimizerConfig config = adam({.l1 = 0.1, .weight_decay = 0.1});
  config.layers = {{.name = "hidden1", .learning_rate_factor = 0.0}};
  Optimizer optimizer(config, layout);
  AlignedBuffer w(layout.size() * static_cast<int64_t>(sizeof(float)));
  AlignedBuffer g(w.bytes());
  std::ranges::fill(w.as<float>(), 0.5F);
  std::ranges::fill(g.as<float>(), 0.25F);
  optimizer.update(w, g, 1.0, pool);
  for (int i : {0, 1, 2, 3}) EXPECT_EQ(w.as<float>()[static_cast<size_t>(layout[i].offset)] == 0.5F, i < 2) << i;
}

}  // namespace
}  // namespace redbud
