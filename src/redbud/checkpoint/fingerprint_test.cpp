#include "redbud/checkpoint/fingerprint.h"

#include <gtest/gtest.h>

#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

ConfigValue sample() {
  ConfigValue layer;
  layer.set("name", "hidden1");
  layer.set("config", ConfigValue::Table{{"units", 10}});
  ConfigValue train;
  train.set("optimizer", ConfigValue::Table{{"name", "adam"}, {"learning_rate", 0.001}});
  train.set("seed", 1);
  ConfigValue config;
  config.set("network", ConfigValue::List{layer});
  config.set("train", train);
  return config;
}

TEST(Fingerprint, FindsTheFirstDifference) {
  EXPECT_FALSE(first_difference(sample(), sample()).has_value());

  ConfigValue other = sample();
  other.find("train")->find("optimizer")->set("learning_rate", 0.01);
  auto d = first_difference(sample(), other);
  ASSERT_TRUE(d.has_value());
  EXPECT_EQ(d->key, "train.optimizer.learning_rate");
  EXPECT_EQ(d->left, "0.001");
  EXPECT_EQ(d->right, "0.01");

  other = sample();
  other.find("train")->set("more", true);
  d = first_difference(sample(), other);
  ASSERT_TRUE(d.has_value());
  EXPECT_EQ(d->key, "train.more");
  EXPECT_EQ(d->left, "nothing");
  EXPECT_EQ(first_difference(other, sample())->right, "nothing");

  other = sample();
  std::get<ConfigValue::List>(other.find("network")->value)[0].find("config")->set("units", 11);
  EXPECT_EQ(first_difference(sample(), other)->key, "network.hidden1.config.units");
  std::get<ConfigValue::List>(other.find("network")->value).clear();
  EXPECT_EQ(first_difference(sample(), other)->key, "network.hidden1");
}

TEST(Fingerprint, RefusesAnotherRunNamingWhatDiffers) {
  const Fingerprint saved{.config = sample(), .data = 1, .target = "AVX2"};
  EXPECT_NO_THROW(require_same_run(saved, {.config = sample(), .data = 1, .target = "AVX3"}, "runs/a"));

  Fingerprint now = saved;
  now.config.find("train")->set("seed", 2);
  EXPECT_TRUE(
      throws_error([&] { require_same_run(saved, now, "runs/a"); }, ErrorKind::Data,
                   "runs/a: the configuration is another one than the checkpoint's: train.seed (2), expected 1;"));
  now = saved;
  now.data = 2;
  EXPECT_TRUE(throws_error(
      [&] { require_same_run(saved, now, "runs/a"); }, ErrorKind::Data,
      "runs/a: the data are not those of the checkpoint (checksum 0000000000000002), expected 0000000000000001;"));
}

TEST(Fingerprint, TellsWhatMakesOtherBits) {
  const Fingerprint saved{.target = "AVX3", .version = "0.1.0"};
  EXPECT_EQ(other_bits(saved, saved), "");
  EXPECT_EQ(other_bits(saved, {.target = "AVX2", .version = "0.1.0"}), "instruction set AVX3, now AVX2");
  EXPECT_EQ(other_bits(saved, {.target = "AVX2", .version = "0.2.0"}),
            "instruction set AVX3, now AVX2; redbud 0.1.0, now 0.2.0");
  EXPECT_EQ(other_bits({.target = "AVX3"}, saved), "") << "a checkpoint that doesn't name its program";
}

}  // namespace
}  // namespace redbud
