#include "redbud/train/illness.h"

#include <gtest/gtest.h>

#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

struct Case {
  std::vector<LayerHealth> health;
  std::vector<LayerMakeup> makeup;

  /// Layers that are well.
  explicit Case(const char* activation = "tanh", const char* initializer = "glorot_normal", size_t hidden = 4) {
    for (size_t i = 0; i <= hidden; ++i) {
      const std::string name = i == hidden ? "output" : "hidden" + std::to_string(i + 1);
      health.push_back({.layer = name,
                        .activation_norm = 0.8,
                        .gradient_norm = 1e-3,
                        .weight_norm = 0.1,
                        .update_ratio = 1e-3,
                        .dead = 0.1,
                        .saturated = 0.2,
                        .norm_out_of_range = 0.0});
      makeup.push_back(
          {.layer = name, .activation = i == hidden ? "identity" : activation, .initializer = initializer});
    }
  }
  std::vector<std::string> words() const {
    std::vector<std::string> all;
    for (const Illness& illness : find_illnesses(health, makeup)) all.push_back(illness.words);
    return all;
  }
};

using Words = std::vector<std::string>;

TEST(Illness, HealthyLayersGetNoWords) {
  EXPECT_EQ(Case().words(), Words{});
  EXPECT_EQ(find_illnesses({}, {}).size(), 0u);
}

TEST(Illness, FiguresThatAreMissingAilNothing) {
  Case c;
  for (LayerHealth& layer : c.health) layer = {.layer = layer.layer};
  EXPECT_EQ(c.words(), Words{});
}

TEST(Illness, NamesLayersWhoseGradientsVanish) {
  Case c("logistic", "glorot_normal");
  for (size_t i = 0; i < 4; ++i) c.health[i].gradient_norm = 9e-10;
  EXPECT_EQ(c.words(), Words{"hidden1..hidden4: gradients vanish: 9e-07 of the top layer's (logistic, glorot_normal)"});
  c.health[1].gradient_norm = 0.0;
  c.health[2].gradient_norm = 1e-3;
  c.health[3].gradient_norm = 1e-3;
  EXPECT_EQ(c.words(), Words{"hidden1, hidden2: gradients vanish: 0e+00 of the top layer's (logistic, glorot_normal)"});
}

TEST(Illness, NamesWhatExplodes) {
  Case loud("relu", "normal");
  loud.health[3].activation_norm = 1.6e8;
  EXPECT_EQ(loud.words(), Words{"hidden4: activations explode: 1.6e+08, where inputs are about 1 (relu, normal)"});
  Case steep("elu", "normal");
  steep.health[0].gradient_norm = 5.0;
  EXPECT_EQ(steep.words(), Words{"hidden1: gradients explode: 5e+03 times the top layer's (elu, normal)"});
}

TEST(Illness, NamesDeadAndSaturatedUnitsAndNotWhatComesOfThem) {
  Case c("relu", "he_normal");
  c.health[1].dead = 0.75;
  c.health[0].gradient_norm = 1e-9;
  EXPECT_EQ(c.words(), Words{"hidden2: 75 % of the units are dead: active for no row (relu, he_normal)"});
  Case s("tanh", "normal");
  s.health[0].saturated = 0.6;
  s.health[3].saturated = 0.9;
  EXPECT_EQ(s.words(), Words{"hidden1, hidden4: 90 % of the outputs are saturated (tanh, normal)"});
}

TEST(Illness, NamesLayersThatLearnAtVeryDifferentSpeeds) {
  Case c;
  c.health[0].update_ratio = 1e-6;
  c.health[4].update_ratio = 2e-3;
  EXPECT_EQ(c.words(), Words{"hidden1, output: layers learn at very different speeds: update / weight is 1.0e-06 in "
                             "hidden1 and 2.0e-03 in output (glorot_normal)"});
  c.health[0].update_ratio = 1e-4;
  EXPECT_EQ(c.words(), Words{});
}

TEST(Illness, NamesStatisticsOutOfRange) {
  Case c;
  c.health[2].norm_out_of_range = 0.5;
  EXPECT_EQ(c.words(), Words{"hidden3: 50 % of the batch norm statistics are out of range (tanh, glorot_normal)"});
}

TEST(Illness, IsToldOnceByATraining) {
  const Toy toy;
  MlpConfig config{.hidden = std::vector<int64_t>(8, 16), .activation = logistic(), .batch_norm = NormPlace::None};
  config.initializer.name = "glorot_normal";
  Recorder recorder;
  TrainConfig training = config_for(3);
  training.optimizer = sgd({.learning_rate = 0.01});
  train(toy, toy.model(config), training, recorder);
  ASSERT_EQ(recorder.warnings.size(), 1u);
  EXPECT_NE(recorder.warnings[0].find("gradients vanish: "), std::string::npos) << recorder.warnings[0];
  EXPECT_EQ(recorder.warnings[0].substr(0, 9), "hidden1..");
}

TEST(Illness, AHealthyTrainingIsToldNothing) {
  const Toy toy;
  Recorder recorder;
  train(toy, toy.model(), config_for(5), recorder);
  EXPECT_EQ(recorder.warnings, Words{});
  EXPECT_EQ(recorder.epochs.back().health.size(), 3u);
}

}  // namespace
}  // namespace redbud
