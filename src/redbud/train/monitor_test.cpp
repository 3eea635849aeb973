#include "redbud/train/monitor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "redbud/testing/core/throws_error.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

TEST(Monitor, ScoresAreSmallerWhereTheMetricIsBetter) {
  Metrics metrics;
  metrics.loss = 0.5;
  metrics.accuracy = 0.75;
  metrics.f1_macro = 0.7;
  metrics.rmse = 3.0;
  metrics.r2 = 0.25;
  EXPECT_EQ(score_of(metrics, Monitor::Loss), 0.5);
  EXPECT_EQ(score_of(metrics, Monitor::Accuracy), -0.75);
  EXPECT_EQ(score_of(metrics, Monitor::F1Macro), -0.7);
  EXPECT_EQ(score_of(metrics, Monitor::Rmse), 3.0);
  EXPECT_EQ(score_of(metrics, Monitor::R2), -0.25);
  EXPECT_TRUE(std::isnan(score_of(metrics, Monitor::Auc)));
  EXPECT_EQ(to_string(Monitor::BalancedAccuracy), "balanced_accuracy");
}

TEST(Monitor, NamesLeadBack) {
  EXPECT_EQ(monitor_names().size(), 9U);
  for (const std::string_view name : monitor_names()) EXPECT_EQ(to_string(monitor_from_name(name)), name);
}

TEST(Monitor, DecidesWhichEpochIsTheBest) {
  // Classes that can't be told apart: the loss rises from an early epoch on, while the accuracy wanders.
  const Toy toy(toy_classes({.rows = 60, .noise = 4.0}), toy_classes({.rows = 60, .noise = 4.0, .seed = 5}));
  TrainConfig config = config_for(25);
  config.monitor = Monitor::Accuracy;
  Recorder recorder;
  const TrainResult result = train(toy, toy.model({.hidden = {64, 64}}), config, recorder);
  double most = -1.0;
  int64_t by_accuracy = 0;
  int64_t by_loss = 0;
  double least = 1e9;
  for (const EpochReport& e : recorder.epochs) {
    EXPECT_EQ(e.score, -*e.validation.accuracy);
    EXPECT_EQ(e.best, *e.validation.accuracy > most);
    if (e.best) by_accuracy = e.epoch;
    most = std::max(most, *e.validation.accuracy);
    if (e.validation.loss < least) by_loss = e.epoch;
    least = std::min(least, e.validation.loss);
  }
  EXPECT_EQ(result.best_epoch, by_accuracy);
  EXPECT_NE(by_accuracy, by_loss);  // else this test tells nothing
  EXPECT_EQ(*result.validation.accuracy, most);
}

TEST(Monitor, OfAnotherTaskIsRefused) {
  const Toy toy(toy_classes({.rows = 60}), toy_classes({.rows = 60, .seed = 2}));
  for (const Monitor monitor : {Monitor::Rmse, Monitor::SubsetAccuracy}) {
    TrainConfig config = config_for(1);
    config.monitor = monitor;
    Recorder recorder;
    EXPECT_TRUE(throws_error([&] { train(toy, toy.model({.hidden = {4}}), config, recorder); }, ErrorKind::Usage,
                             "loss, accuracy, balanced_accuracy, f1_macro"));
  }
}

}  // namespace
}  // namespace redbud
