#include "redbud/cli/config/keys.h"

#include <gtest/gtest.h>

#include <set>

#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/config/settings.h"
#include "redbud/cli/config/toml.h"
#include "redbud/core/text.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud::cli {
namespace {

TEST(Keys, EveryDefaultAndExampleIsAllowed) {
  for (const Key& key : run_keys()) {
    if (!key.default_text.empty()) EXPECT_NO_THROW(check_value(key, default_value(key))) << key.path();
    if (!key.example.empty()) EXPECT_NO_THROW(check_value(key, parse_toml_value(key.example, ""))) << key.path();
    EXPECT_FALSE(key.meaning.empty()) << key.path();
  }
}

TEST(Keys, HaveOptionsOfTheirOwn) {
  std::set<std::string> options;
  for (const Key& key : run_keys()) EXPECT_TRUE(options.insert(key.option()).second) << key.option();
  EXPECT_TRUE(options.contains("--batch-size"));
  EXPECT_TRUE(options.contains("--input-dropout"));
}

TEST(Keys, TheStableOnesHaveTheirDefaults) {
  const std::vector<std::pair<const char*, const char*>> expected = {{"data.target", "-1"},
                                                                     {"data.task", "\"auto\""},
                                                                     {"data.validation", "0.2"},
                                                                     {"data.header", "\"auto\""},
                                                                     {"data.missing", "\"mean\""},
                                                                     {"data.missing_target", "\"error\""},
                                                                     {"model.hidden", "\"auto\""},
                                                                     {"model.activation", "\"elu\""},
                                                                     {"model.initializer", "\"auto\""},
                                                                     {"model.batch_norm", "\"before\""},
                                                                     {"model.dropout", "\"auto\""},
                                                                     {"model.input_dropout", "0.0"},
                                                                     {"train.recipe", "\"auto\""},
                                                                     {"train.optimizer", "\"adam\""},
                                                                     {"train.learning_rate", "\"auto\""},
                                                                     {"train.schedule", "\"none\""},
                                                                     {"train.batch_size", "\"auto\""},
                                                                     {"train.epochs", "50"},
                                                                     {"train.patience", "10"},
                                                                     {"train.clip_norm", "0.0"},
                                                                     {"train.clip_value", "0.0"},
                                                                     {"train.l1", "0.0"},
                                                                     {"train.l2", "0.0"},
                                                                     {"train.weight_decay", "0.0"},
                                                                     {"train.max_norm", "0.0"},
                                                                     {"train.seed", "42"},
                                                                     {"train.threads", "0"},
                                                                     {"train.precision", "\"fp32\""},
                                                                     {"train.time_limit_s", "0.0"},
                                                                     {"train.checkpoint_every_s", "10.0"}};
  for (const auto& [path, text] : expected) {
    const std::vector<std::string> parts = split(path, '.');
    const Key* key = find_key(parts[0], parts[1]);
    ASSERT_NE(key, nullptr) << path;
    EXPECT_EQ(key->default_text, text) << path;
  }
}

TEST(Keys, TypedTextBecomesTheValueThatIsMeant) {
  const auto parsed = [](const char* section, const char* name, const char* text) {
    return to_toml_value(parse_value(*find_key(section, name), text, ""));
  };
  EXPECT_EQ(parsed("model", "hidden", "64,32"), "[64, 32]");
  EXPECT_EQ(parsed("model", "hidden", "[64, 32]"), "[64, 32]");
  EXPECT_EQ(parsed("model", "hidden", "auto"), "\"auto\"");
  EXPECT_EQ(parsed("data", "test", "0.2"), "0.2");
  EXPECT_EQ(parsed("data", "test", "500"), "500");
  EXPECT_EQ(parsed("data", "test", "[a].csv"), "\"[a].csv\"");
  EXPECT_EQ(parsed("data", "path", "2024"), "\"2024\"");
  EXPECT_EQ(parsed("data", "target", "-1"), "\"-1\"");
  EXPECT_EQ(parsed("data", "target", "a,b"), "[\"a\", \"b\"]");
  EXPECT_EQ(parsed("data", "target", "[\"a,b\", 3]"), "[\"a,b\", 3]");
  EXPECT_EQ(parsed("train", "optimizer", "{ name = \"sgd\" }"), "{ name = \"sgd\" }");
  EXPECT_EQ(parsed("train", "learning_rate", "1e-3"), "0.001");
}

TEST(RunTree, WhatIsGivenComesBeforeTheRecipeAndThatBeforeTheDefault) {
  const ConfigValue given = parse_run_tree("[model]\ndropout = 0.1\n[train]\nrecipe = \"chapter\"\n", "run.toml");
  const ConfigValue tree = fill_defaults(given);
  EXPECT_EQ(value_at(tree, "model", "dropout").as_number(""), 0.1);
  EXPECT_EQ(value_at(tree, "model", "initializer").as_text(""), "he_normal");
  EXPECT_EQ(value_at(tree, "train", "epochs").as_integer(""), 50);
  for (const Key& key : run_keys()) EXPECT_NE(tree.find(key.section)->find(key.name), nullptr) << key.path();
}

TEST(RunTree, NestedKeysOfTheCommandLineKeepTheRest) {
  ConfigValue tree = parse_run_tree("[train]\noptimizer = { name = \"adam\", beta2 = 0.99 }\n", "run.toml");
  apply_override(tree, {"train.optimizer.beta1", "0.8", "--set"});
  const OptimizerConfig optimizer = optimizer_config(fill_defaults(tree));
  EXPECT_EQ(optimizer.name, "adam");
  EXPECT_EQ(optimizer.beta1, 0.8);
  EXPECT_EQ(optimizer.beta2, 0.99);
  EXPECT_EQ(optimizer.learning_rate, 0.0);
  ConfigValue plain{ConfigValue::Table{}};
  apply_override(plain, {"model.batch_norm.momentum", "0.9", "--set"});
  apply_override(plain, {"model.hidden", "5", "--hidden"});
  apply_override(plain, {"model.dropout", "0", "--dropout"});
  const MlpConfig mlp = mlp_config(fill_defaults(plain));
  EXPECT_EQ(mlp.batch_norm, NormPlace::Before);
  EXPECT_EQ(mlp.momentum, 0.9);
}

TEST(RunTree, AutoOfTheRunSectionIsNotTheUsers) {
  EXPECT_NO_THROW(parse_run_tree("[run]\nversion = \"9\"\nanything = 3\n", "config.toml"));
  EXPECT_TRUE(throws_error([] { parse_run_tree("run = 3\nmodl = 3\n", "config.toml"); }, ErrorKind::Usage,
                           "did you mean model?"));
}

}  // namespace
}  // namespace redbud::cli
