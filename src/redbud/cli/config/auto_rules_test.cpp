#include "redbud/cli/config/auto_rules.h"

#include <gtest/gtest.h>

#include "redbud/cli/config/run_tree.h"

namespace redbud::cli {
namespace {

constexpr DataFacts kMnist = {.train_rows = 48'000, .features = 784, .outputs = 10, .pixels = true};
constexpr DataFacts kPenguins = {.train_rows = 220, .features = 9, .outputs = 3};

TEST(AutoRules, LargerDataGetLargerBatchesAndLayers) {
  std::string why;
  const int64_t small = auto_batch_size(kPenguins, why);
  EXPECT_EQ(why, "220 training rows");
  EXPECT_LT(small, auto_batch_size(kMnist, why));
  EXPECT_EQ(why, "48,000 training rows");
  EXPECT_LT(auto_hidden(kPenguins, why).front(), auto_hidden(kMnist, why).front());
  EXPECT_FALSE(why.empty());
}

TEST(AutoRules, DropoutGrowsWithTheParametersARowAndIsAtMostHalf) {
  std::string why;
  double before = 0.0;
  for (int64_t units : {32, 64, 256, 1024, 16384}) {
    const double rate = auto_dropout(kPenguins, {units, units}, why);
    EXPECT_GE(rate, before);
    EXPECT_LE(rate, 0.5);
    before = rate;
  }
  EXPECT_EQ(before, 0.5);
  EXPECT_EQ(auto_dropout({.train_rows = 1'000'000, .features = 10, .outputs = 2}, {64, 64}, why), 0.0);
  EXPECT_EQ(auto_dropout(kPenguins, {}, why), 0.0);
  EXPECT_EQ(auto_dropout(kPenguins, {1024, 8}, why), 0.0);  // too narrow to spare units
  EXPECT_LE(auto_dropout(kPenguins, std::vector<int64_t>(10, 100), why), 0.1);
}

TEST(AutoRules, LeaveNoAutoAndSayWhyForEach) {
  ConfigValue tree = fill_defaults(ConfigValue(ConfigValue::Table{}));
  const std::vector<Decision> decisions = decide_auto(tree, kMnist);
  std::vector<std::string> keys;
  for (const Decision& decision : decisions) {
    keys.push_back(decision.key);
    EXPECT_FALSE(decision.why.empty());
  }
  EXPECT_EQ(keys,
            (std::vector<std::string>{"model.hidden", "model.dropout", "train.batch_size", "train.learning_rate"}));
  EXPECT_TRUE(value_at(tree, "model", "hidden").is_list());
  EXPECT_EQ(value_at(tree, "train", "learning_rate").as_number(""), 0.001);
  EXPECT_TRUE(decide_auto(tree, kMnist).empty());  // a second time there is nothing left
}

TEST(AutoRules, LearningRateIsTheOptimizersOwn) {
  ConfigValue given{ConfigValue::Table{}};
  apply_override(given, {"train.optimizer", "sgd", ""});
  ConfigValue tree = fill_defaults(given);
  decide_auto(tree, kPenguins);
  EXPECT_EQ(value_at(tree, "train", "learning_rate").as_number(""), 0.01);
}

}  // namespace
}  // namespace redbud::cli
