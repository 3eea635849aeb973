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
  EXPECT_TRUE(throws_error([] { optimizer_from_config("adma"); }, ErrorKind::Usage,
                           "unknown optimizer (\"adma\"), expected one of sgd, momentum, nesterov, rmsprop, "
                           "centered_rmsprop, adagrad, adadelta, adam, adamw, adamax, nadam, amsgrad, radam, lion; did "
                           "you mean adam?"));
  EXPECT_TRUE(throws_error(
      [] {
        optimizer_from_config(table({{"name", "adam"}, {"beta", 0.8}}));
      },
      ErrorKind::Usage,
      "the optimizer adam has no key beta, expected one of name, beta1, beta2, epsilon; did you mean beta1?"));
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
  EXPECT_EQ(parameter_runs(layout, {.by_decay = true}), (Runs{{0, 35, true}, {48, 5, false}, {80, 6, true}}));
  EXPECT_EQ(parameter_runs(layout, {.by_decay = false}), (Runs{{0, 53, true}, {80, 6, true}}));
  EXPECT_EQ(parameter_runs(layout, {.by_decay = false, .by_segment = true}),
            (Runs{{0, 20, true}, {32, 3, true}, {48, 5, false}, {80, 6, true}}));
}

}  // namespace
}  // namespace redbud
