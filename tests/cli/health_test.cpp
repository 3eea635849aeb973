// What a run says of its layers' health, and what it leaves behind when it diverges.
#include "redbud/checkpoint/json.h"
#include "redbud/core/text.h"
#include "support/cli_test_support.h"

namespace redbud {
namespace {

std::vector<ConfigValue> log_of(const Path& run) {
  std::vector<ConfigValue> records;
  for (const std::string& line : split(text_of(run / "log.jsonl"), '\n')) {
    if (!line.empty()) records.push_back(parse_json(line, {.where = "log", .kind = ErrorKind::Data}));
  }
  return records;
}

/// Of all records of a log, those of one event.
std::vector<ConfigValue> events_of(const Path& run, const std::string& event) {
  std::vector<ConfigValue> records = log_of(run);
  std::erase_if(records, [&](const ConfigValue& record) { return record.find("event")->as_text("event") != event; });
  return records;
}

std::vector<std::string> digits_training(const Path& run, std::vector<std::string> more) {
  std::vector<std::string> words = {"train", digits().string(), "--out", run.string(), "--overwrite"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const std::vector<std::string> kVanishing = {"--hidden",      "50,50,50,50,50,50,50,50",
                                             "--activation",  "logistic",
                                             "--batch-norm",  "none",
                                             "--dropout",     "0",
                                             "--initializer", "glorot_normal",
                                             "--optimizer",   "sgd",
                                             "--epochs",      "3",
                                             "--ignore",      "pixel_0_0,pixel_4_0,pixel_4_7"};

TEST(Health, StandsInTheLogOfEveryEpoch) {
  const TempFolder folder;
  ASSERT_TRUE(succeeds(run_redbud(digits_training(folder / "run", {"--hidden", "20,10", "--epochs", "2"}))));
  const ConfigValue start = log_of(folder / "run")[0];
  const auto& layers = start.find("layers")->as_list("layers");
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_EQ(layers[0].find("activation")->as_text(""), "elu");
  EXPECT_EQ(layers[0].find("initializer")->as_text(""), "he_normal");
  const std::vector<ConfigValue> epochs = events_of(folder / "run", "epoch");
  ASSERT_EQ(epochs.size(), 2U);
  for (const ConfigValue& epoch : epochs) {
    const auto& health = epoch.find("health")->as_list("health");
    ASSERT_EQ(health.size(), 3U);
    EXPECT_EQ(health[1].find("layer")->as_text(""), "hidden2");
    EXPECT_GT(health[1].find("gradient_norm")->as_number(""), 0.0);
  }
}

TEST(Health, IsTheSameForAnyNumberOfThreadsAndCanBeTurnedOff) {
  const TempFolder folder;
  std::vector<std::string> health, models;
  for (const char* threads : {"1", "3"}) {
    ASSERT_TRUE(succeeds(
        run_redbud(digits_training(folder / "run", {"--hidden", "80,10", "--epochs", "1", "--threads", threads}))));
    health.push_back(to_json(*log_of(folder / "run")[1].find("health")));
    models.push_back(text_of(folder / "run/model.redbud"));
  }
  ASSERT_TRUE(succeeds(run_redbud(
      digits_training(folder / "run", {"--hidden", "80,10", "--epochs", "1", "--set", "train.health=false"}))));
  EXPECT_EQ(log_of(folder / "run")[1].find("health"), nullptr);
  models.push_back(text_of(folder / "run/model.redbud"));
  EXPECT_EQ(health[0], health[1]);
  EXPECT_TRUE(models[0] == models[1]);
  EXPECT_TRUE(models[0] == models[2]);
}

TEST(Health, AnIllnessIsSaidOnceInWords) {
  const TempFolder folder;
  const Outcome outcome = run_redbud(digits_training(folder / "run", kVanishing));
  ASSERT_TRUE(succeeds(outcome));
  const std::string words = "redbud: warning: hidden1..hidden4: gradients vanish: ";
  const size_t at = outcome.err.find(words);
  ASSERT_NE(at, std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("of the top layer's (logistic, glorot_normal)\n", at), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find(words, at + words.size()), std::string::npos) << outcome.err;
}

TEST(Health, ADivergedRunLeavesALogThatSaysSo) {
  const TempFolder folder;
  const Outcome outcome = run_redbud(digits_training(
      folder / "run", {"--hidden", "20", "--batch-norm", "none", "--optimizer", "sgd", "--learning-rate", "1e20"}));
  EXPECT_EQ(outcome.exit_code, 5) << outcome.err;
  EXPECT_EQ(log_of(folder / "run")[0].find("event")->as_text(""), "start");
  EXPECT_TRUE(events_of(folder / "run", "epoch").empty());
  const std::vector<ConfigValue> records = events_of(folder / "run", "diverged");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_TRUE(records[0].find("where")->as_text("").starts_with("step 2, layer ")) << text_of(folder / "run/log.jsonl");
  EXPECT_FALSE(text_of(folder / "run/config.toml").empty());
}

}  // namespace
}  // namespace redbud
