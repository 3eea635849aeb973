#include "redbud/losses/registry.h"

#include <gtest/gtest.h>

#include "redbud/losses/choose_loss.h"
#include "redbud/testing/core/throws_error.h"

namespace redbud {
namespace {

ConfigValue table(std::string_view name, std::string_view key, double value) {
  ConfigValue config;
  config.set("name", name);
  config.set(key, value);
  return config;
}

TEST(LossRegistry, EveryNameMakesALossOfItself) {
  for (const std::string& name : loss_names()) {
    EXPECT_EQ(loss_from_config(name)->kind(), name);
    EXPECT_EQ(loss_from_config(name)->config(), ConfigValue(name));
  }
}

TEST(LossRegistry, ConstantsAreKept) {
  const auto loss = loss_from_config(table("huber", "delta", 0.25));
  EXPECT_EQ(loss->config(), table("huber", "delta", 0.25));
  EXPECT_EQ(loss_from_config(loss->config())->config(), loss->config());
  EXPECT_EQ(loss_from_config(table("huber", "delta", 1.0))->config(), ConfigValue("huber")) << "the default";
}

TEST(LossRegistry, RefusesWhatIsNoLoss) {
  const auto refuses = [](const ConfigValue& config, const char* text) {
    return throws_error([&] { loss_from_config(config); }, ErrorKind::Usage, text);
  };
  EXPECT_TRUE(refuses("hubber",
                      "unknown loss (\"hubber\"), expected one of softmax_cross_entropy, focal, hinge, "
                      "sigmoid_cross_entropy, sigmoid_focal, binary_hinge, mean_squared_error, mae, huber, "
                      "quantile, poisson, cosine; did you mean huber?"));
  EXPECT_TRUE(refuses(table("huber", "delta", 0.0), "loss.delta is out of range (0), expected a number above 0 to"));
  EXPECT_TRUE(refuses(table("quantile", "q", 1.0), "loss.q is out of range (1), expected a number above 0 to below 1"));
  EXPECT_TRUE(
      refuses(table("focal", "gamma", -1.0), "loss.gamma is out of range (-1), expected a number from 0 to 100"));
  EXPECT_TRUE(refuses(table("sigmoid_focal", "alpha", 1.5), "loss.alpha is out of range (1.5)"));
  EXPECT_TRUE(refuses(table("softmax_cross_entropy", "label_smoothing", 1.0), "loss.label_smoothing is out of range"));
  EXPECT_TRUE(refuses(table("huber", "delt", 1.0),
                      "the loss huber has no key delt, expected one of name, delta; did "
                      "you mean delta?"));
  EXPECT_TRUE(refuses(table("mae", "delta", 1.0), "the loss mae has no key delta, expected no key but name"));
  EXPECT_TRUE(refuses(ConfigValue(ConfigValue::Table{}), "a loss has no name"));
}

TEST(ChooseLoss, AutoGoesByTheTask) {
  EXPECT_EQ(choose_loss("auto", Task::Classification)->kind(), "softmax_cross_entropy");
  EXPECT_EQ(choose_loss("auto", Task::MultiLabel)->kind(), "sigmoid_cross_entropy");
  EXPECT_EQ(choose_loss("auto", Task::Regression)->kind(), "mean_squared_error");
}

TEST(ChooseLoss, FocalAndHingeAreOfClassesOrOfLabels) {
  EXPECT_EQ(choose_loss("focal", Task::Classification)->kind(), "focal");
  EXPECT_EQ(choose_loss("hinge", Task::MultiLabel)->kind(), "binary_hinge");
  EXPECT_EQ(choose_loss(table("focal", "gamma", 3.0), Task::MultiLabel)->config().find("name")->as_text(""),
            "sigmoid_focal");
}

TEST(ChooseLoss, RefusesALossThatDoesNotFit) {
  const auto refuses = [](const char* loss, Task task, const char* text) {
    return throws_error([&] { choose_loss(loss, task); }, ErrorKind::Usage, text);
  };
  EXPECT_TRUE(refuses("huber", Task::Classification,
                      "the loss huber does not fit the task (classification), expected softmax_cross_entropy, focal, "
                      "hinge"));
  EXPECT_TRUE(refuses("softmax_cross_entropy", Task::MultiLabel,
                      "does not fit the task (classification by several labels), expected sigmoid_cross_entropy, "
                      "sigmoid_focal, binary_hinge"));
  EXPECT_TRUE(refuses("hinge", Task::Regression,
                      "the loss hinge does not fit the task (regression), expected mean_squared_error, mae, huber, "
                      "quantile, poisson, cosine"));
}

TEST(ChooseLoss, TargetsAreScaledAsTheLossNeedsThem) {
  EXPECT_EQ(target_scaling(*loss_from_config("huber")), TargetScaling::Standardise);
  EXPECT_EQ(target_scaling(*loss_from_config("poisson")), TargetScaling::ByMean);
  EXPECT_EQ(target_scaling(*loss_from_config("cosine")), TargetScaling::None);
}

}  // namespace
}  // namespace redbud
