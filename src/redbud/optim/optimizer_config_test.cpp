#include <gtest/gtest.h>

#include <cmath>

#include "redbud/optim/gradient_transform.h"
#include "redbud/optim/optimizer.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

ConfigValue table(ConfigValue::Table entries) { return ConfigValue(std::move(entries)); }

TEST(OptimizerConfig, ReadsANameOrATable) {
  EXPECT_EQ(optimizer_from_config("sgd").name, "sgd");
  const OptimizerConfig c = optimizer_from_config(table({{"name", "adam"}, {"beta1", 0.8}, {"epsilon", 1}}));
  EXPECT_EQ(c.name, "adam");
  EXPECT_EQ(c.beta1, 0.8);
  EXPECT_EQ(c.epsilon, 1.0);
  EXPECT_EQ(c.beta2, 0.999);
  EXPECT_EQ(optimizer_from_config(table({{"beta1", 0.8}})).name, "adam");
}

TEST(OptimizerConfig, NesterovHasTwoNames) {
  EXPECT_EQ(optimizer_from_config(table({{"name", "momentum"}, {"momentum", 0.5}, {"nesterov", true}})).name,
            "nesterov");
  EXPECT_EQ(optimizer_from_config(table({{"name", "momentum"}, {"nesterov", false}})).name, "momentum");
  EXPECT_EQ(optimizer_from_config(table({{"name", "nesterov"}})).momentum, 0.9);
}

TEST(OptimizerConfig, GoesThereAndBack) {
  for (const std::string& name : optimizer_names()) {
    OptimizerConfig c{.name = name, .momentum = 0.7, .beta1 = 0.6, .beta2 = 0.5, .rho = 0.4, .epsilon = 0.3};
    const ConfigValue once = to_config(c);
    EXPECT_EQ(to_config(optimizer_from_config(once)), once) << name;
  }
  EXPECT_EQ(to_config(rmsprop({.rho = 0.4})), table({{"name", "rmsprop"}, {"rho", 0.4}, {"epsilon", 1e-8}}));
}

TEST(OptimizerConfig, RefusesWhatItDoesNotKnow) {
  EXPECT_TRUE(
      throws_error([] { optimizer_from_config("adma"); }, ErrorKind::Usage,
                   "unknown optimizer (\"adma\"), expected one of sgd, momentum, nesterov, rmsprop, "
                   "centered_rmsprop, adagrad, adadelta, adam, adamw, adamax, nadam, amsgrad, radam, lion, lamb, muon, "
                   "schedule_free_adamw, ftrl; did you mean adam?"));
  EXPECT_TRUE(throws_error(
      [] {
        optimizer_from_config(table({{"name", "adam"}, {"beta", 0.8}}));
      },
      ErrorKind::Usage,
      "the optimizer adam has no key beta, expected one of name, beta1, beta2, epsilon, lookahead, "
      "lookahead_rate; did you mean beta1?"));
  EXPECT_TRUE(throws_error(
      [] {
        optimizer_from_config(table({{"name", "adam"}, {"clip_norm", 0.8}}));
      },
      ErrorKind::Usage, "it stands in [train], beside optimizer"));
  EXPECT_TRUE(throws_error(
      [] {
        optimizer_from_config(table({{"name", "sgd"}, {"nesterov", true}}));
      },
      ErrorKind::Usage, "the optimizer sgd has no key nesterov"));
  EXPECT_TRUE(throws_error(
      [] {
        optimizer_from_config(table({{"name", "adam"}, {"beta1", 1.0}}));
      },
      ErrorKind::Usage, "beta1 is out of range (1), expected a number in [0, 1)"));
  EXPECT_TRUE(throws_error(
      [] {
        optimizer_from_config(table({{"name", "adam"}, {"beta1", "x"}}));
      },
      ErrorKind::Usage, "key beta1 has a value of the wrong type"));
  EXPECT_TRUE(throws_error([] { optimizer_from_config(3); }, ErrorKind::Usage, "optimizer"));
}

TEST(OptimizerConfig, ResolvesWhatIsLeftToTheRule) {
  EXPECT_EQ(resolved(adam()).learning_rate, 0.001);
  EXPECT_EQ(resolved(sgd()).learning_rate, 0.01);
  EXPECT_EQ(resolved(nesterov({.learning_rate = 0.5})).learning_rate, 0.5);
  EXPECT_EQ(resolved(adamw()).weight_decay, 0.01);
  EXPECT_EQ(resolved(adam()).weight_decay, 0.0);
}

TEST(OptimizerConfig, ARuleBringsItsOwnConstants) {
  EXPECT_EQ(optimizer_from_config("adadelta").epsilon, 1e-6);
  EXPECT_EQ(optimizer_from_config("adagrad").epsilon, 1e-10);
  EXPECT_EQ(optimizer_from_config("lion").beta2, 0.99);
  EXPECT_EQ(optimizer_from_config(table({{"name", "lion"}, {"beta2", 0.9}})).beta2, 0.9);
  EXPECT_EQ(optimizer_named("adadelta").epsilon, 1e-6);
  EXPECT_EQ(resolved(optimizer_named("adadelta")).learning_rate, 1.0);
  EXPECT_TRUE(throws_error([] { optimizer_named("lio"); }, ErrorKind::Usage, "did you mean lion?"));
}

TEST(OptimizerConfig, RefusesValuesOutOfRange) {
  EXPECT_TRUE(throws_error([] { resolved({.learning_rate = -1.0}); }, ErrorKind::Usage,
                           "learning_rate is out of range (-1), expected a finite number of at least 0"));
  EXPECT_TRUE(
      throws_error([] { resolved({.clip_norm = std::nan("")}); }, ErrorKind::Usage, "clip_norm is out of range (nan)"));
  EXPECT_TRUE(throws_error([] { resolved({.name = "momentum", .momentum = 1.5}); }, ErrorKind::Usage,
                           "momentum is out of range (1.5)"));
  EXPECT_TRUE(throws_error([] { resolved({.name = "x"}); }, ErrorKind::Usage, "unknown optimizer (\"x\")"));
}

TEST(OptimizerConfig, AnyRuleMayLookAhead) {
  const OptimizerConfig c = optimizer_from_config(table({{"name", "sgd"}, {"lookahead", 6}, {"lookahead_rate", 0.8}}));
  EXPECT_EQ(c.lookahead, 6);
  EXPECT_EQ(c.lookahead_rate, 0.8);
  EXPECT_EQ(to_config(c), table({{"name", "sgd"}, {"lookahead", 6}, {"lookahead_rate", 0.8}}));
  const auto refuses = [](ConfigValue::Table entries, const char* text) {
    return throws_error([&] { optimizer_from_config(table(std::move(entries))); }, ErrorKind::Usage, text);
  };
  EXPECT_TRUE(refuses({{"lookahead", -1}}, "lookahead is out of range (-1), expected 0 (off) to 1000000 steps"));
  EXPECT_TRUE(refuses({{"lookahead_rate", 1.5}}, "lookahead_rate is out of range (1.5), expected a number in [0, 1]"));
}

TEST(OptimizerConfig, AnAverageIsNeitherSparseNorLimited) {
  OptimizerConfig c = optimizer_named("schedule_free_adamw");
  c.l1 = 0.1;
  EXPECT_TRUE(throws_error([&] { resolved(c); }, ErrorKind::Usage, "schedule_free_adamw has no l1"));
  c.l1 = 0.0;
  c.layers = {{.name = "a", .max_norm = 1.0}};
  EXPECT_TRUE(throws_error([&] { resolved(c); }, ErrorKind::Usage, "schedule_free_adamw has no max_norm"));
  c.layers.clear();
  c.lookahead = 3;
  EXPECT_TRUE(throws_error([&] { resolved(c); }, ErrorKind::Usage, "schedule_free_adamw has no lookahead"));
  c.lookahead = 0;
  c.beta1 = 0.0;
  EXPECT_TRUE(throws_error([&] { resolved(c); }, ErrorKind::Usage, "beta1"));
}

TEST(ParameterRuns, JoinNeighboursThatAreUpdatedAlike) {
  SegmentLayout layout;
  const auto add = [&](const char* name, int64_t size, bool decayed, bool trainable) {
    Segment s;
    s.name = name;
    s.shape = {size};
    s.decayed = decayed;
    s.trainable = trainable;
    layout.add(std::move(s));
  };
  add("a", 20, true, true);
  add("b", 3, true, true);
  add("c", 5, false, true);
  add("d", 4, true, false);
  add("e", 6, true, true);
  using Runs = std::vector<ParameterRun>;
  const ParameterSettings plain;
  const ParameterSettings decayed{.l2 = 0.1};
  const ParameterSettings slow{.rate = 0.5, .l2 = 0.1};
  OptimizerConfig config = sgd({.l2 = 0.1});
  EXPECT_EQ(parameter_runs(layout, config, RunCut::BySettings),
            (Runs{{0, 35, decayed}, {48, 5, plain}, {80, 6, decayed}}));
  EXPECT_EQ(parameter_runs(layout, {}, RunCut::BySettings), (Runs{{0, 53, plain}, {80, 6, plain}}));
  EXPECT_EQ(parameter_runs(layout, {}, RunCut::BySegment),
            (Runs{{0, 20, plain}, {32, 3, plain}, {48, 5, plain}, {80, 6, plain}}));
  config.layers = {{.name = "b", .learning_rate_factor = 0.5}};
  EXPECT_EQ(parameter_runs(layout, config, RunCut::BySettings),
            (Runs{{0, 20, decayed}, {32, 3, slow}, {48, 5, plain}, {80, 6, decayed}}));
}

}  // namespace
}  // namespace redbud
