#include "redbud/train/weight_average.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "redbud/testing/core/throws_error.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

constexpr int64_t kEvery = 8;

ParameterStore store_of(int64_t size) {
  SegmentLayout layout;
  Segment weights;
  weights.name = "w";
  weights.shape = {size};
  layout.add(weights);
  return {layout, {}};
}

void fill(ParameterStore& values, float value) { std::ranges::fill(values.parameter(0), value); }

TEST(WeightAverage, FollowsTheFormula) {
  ThreadPool pool(1);
  ParameterStore values = store_of(3);
  WeightAverage average(0.99, {}, values);
  double expected = 0.0;
  for (int64_t step = 1; step <= 4000; ++step) {
    const double value = std::sin(0.01 * static_cast<double>(step));
    fill(values, static_cast<float>(value));
    average.follow(values, step, pool);
    if (step % kEvery != 0) continue;
    const auto n = static_cast<double>(step / kEvery - 1);
    const double weight = n == 0 ? 1.0 : std::max(1.0 - std::pow(0.99, 8), 9.0 / (10.0 + n));
    expected += weight * (value - expected);
    ASSERT_NEAR(average.memory().as<float>()[2], expected, 1e-6) << "step " << step;
  }
}

TEST(WeightAverage, IsThereAfterItsFirstUpdateAndThenIsTheWeights) {
  ThreadPool pool(1);
  ParameterStore values = store_of(2);
  fill(values, 3.0F);
  WeightAverage average(0.999, {}, values);
  EXPECT_FALSE(average.is_there(kEvery - 1));
  average.follow(values, kEvery, pool);
  EXPECT_TRUE(average.is_there(kEvery));
  EXPECT_EQ(average.memory().as<float>()[0], 3.0F);
}

TEST(WeightAverage, SwaIsTheMeanOfTheLastEpochs) {
  ThreadPool pool(1);
  ParameterStore values = store_of(2);
  // 8 epochs of 10 steps: after 6.4 of them, those of 7 and 8.
  WeightAverageConfig config = weight_average_from_config("swa");
  config.start = 0.8;
  WeightAverage average(config, {.epochs = 8, .steps_per_epoch = 10}, values);
  for (int64_t step = 1; step <= 80; ++step) {
    fill(values, static_cast<float>(step));
    average.follow(values, step, pool);
    EXPECT_EQ(average.is_there(step), step >= 70) << step;
    if (step >= 70) ASSERT_EQ(average.memory().as<float>()[1], step < 80 ? 70.0F : 75.0F) << step;
  }
}

TEST(WeightAverage, SwaOfStepsIsTheMeanOfAllThatCount) {
  ThreadPool pool(1);
  ParameterStore values = store_of(2);
  WeightAverageConfig config = weight_average_from_config("swa");
  config.start = 0.5;
  config.each_epoch = false;
  WeightAverage average(config, {.epochs = 10, .steps_per_epoch = 20}, values);
  double sum = 0.0;
  int count = 0;
  for (int64_t step = 1; step <= 200; ++step) {
    const double value = std::sin(0.1 * static_cast<double>(step));
    fill(values, static_cast<float>(value));
    average.follow(values, step, pool);
    if (step <= 100 || step % kEvery != 0) continue;
    sum += value;
    ++count;
    ASSERT_NEAR(average.memory().as<float>()[0], sum / count, 1e-6) << "step " << step;
  }
  EXPECT_EQ(count, 13);
}

TEST(WeightAverage, IsReadAndWritten) {
  EXPECT_EQ(to_config(weight_average_from_config(0.9)), ConfigValue(0.9));
  EXPECT_EQ(to_config(weight_average_from_config(0.0)), ConfigValue(0.0));
  const ConfigValue swa(ConfigValue::Table{{"kind", "swa"}, {"start", 0.5}, {"each", "step"}});
  EXPECT_EQ(to_config(weight_average_from_config(swa)), swa);
  EXPECT_EQ(weight_average_from_config(ConfigValue::Table{{"decay", 0.99}}).decay, 0.99);
  EXPECT_EQ(weight_average_from_config(ConfigValue::Table{{"kind", "ema"}}).decay, 0.999);
  const auto refuses = [](const ConfigValue& value, const char* text) {
    return throws_error([&] { weight_average_from_config(value); }, ErrorKind::Usage, text);
  };
  EXPECT_TRUE(refuses("sva", "weight_average has an unknown kind (\"sva\"), expected ema or swa"));
  EXPECT_TRUE(refuses(1.5, "weight_average is out of range (1.5)"));
  EXPECT_TRUE(refuses(ConfigValue::Table{{"kind", "swa"}, {"start", 1.0}}, "start is out of range (1)"));
  EXPECT_TRUE(refuses(ConfigValue::Table{{"kind", "swa"}, {"decay", 0.5}}, "kind swa has no key decay"));
  EXPECT_TRUE(refuses(ConfigValue::Table{{"kind", "swa"}, {"each", "day"}}, "each has an unknown value"));
}

TEST(WeightAverage, OffHoldsNothing) {
  ThreadPool pool(1);
  ParameterStore values = store_of(2);
  WeightAverage average(0.0, {}, values);
  average.follow(values, kEvery, pool);
  EXPECT_FALSE(average.is_there(kEvery));
  EXPECT_EQ(average.memory().bytes(), 0);
}

TEST(WeightAverage, StandsInThePlaceOfTheWeightsForAWhile) {
  constexpr int64_t kSize = 40'000;  // several pieces
  ThreadPool pool(2, {.threads = 2, .reason = "test"});
  ParameterStore values = store_of(kSize);
  WeightAverage average(0.5, {}, values);
  fill(values, 1.0F);
  average.follow(values, kEvery, pool);
  fill(values, 2.0F);
  {
    const AverageInPlace averaged(average, values, pool);
    EXPECT_EQ(std::ranges::count(values.parameter(0), 1.0F), kSize);
  }
  EXPECT_EQ(std::ranges::count(values.parameter(0), 2.0F), kSize);
  EXPECT_EQ(average.memory().as<float>()[kSize - 1], 1.0F);
}

/// A rate at which the steps jump about the minimum: where an average helps most.
TrainConfig restless(double weight_average) {
  TrainConfig config = config_for(40);
  config.optimizer = adam({.learning_rate = 0.1});
  config.patience = 0;
  config.weight_average = weight_average;
  return config;
}

TEST(Trainer, KeepsTheAverageWhereItIsBetter) {
  const Toy toy(toy_classes({.rows = 2000}), toy_classes({.rows = 1000, .seed = 2}));
  Recorder without_average;
  const TrainResult without = train(toy, toy.model(), restless(0.0), without_average);
  Recorder recorder;
  const TrainResult with = train(toy, toy.model(), restless(0.99), recorder);
  EXPECT_FALSE(without.averaged);
  EXPECT_TRUE(with.averaged);
  EXPECT_LT(with.validation.loss, without.validation.loss);
  ASSERT_EQ(recorder.epochs.size(), without_average.epochs.size());
  int averaged = 0;
  for (size_t i = 0; i < recorder.epochs.size(); ++i) {
    // Training itself doesn't know of the average, and an epoch is never judged worse for it.
    EXPECT_EQ(recorder.epochs[i].train_loss, without_average.epochs[i].train_loss);
    EXPECT_LE(recorder.epochs[i].score, without_average.epochs[i].score);
    averaged += recorder.epochs[i].averaged ? 1 : 0;
  }
  EXPECT_GT(averaged, 20);
}

TEST(Trainer, WhatWasJudgedIsWhatIsGiven) {
  const Toy toy;
  Recorder recorder;
  const TrainResult result = train(toy, toy.model(), restless(0.99), recorder);
  const auto best = static_cast<size_t>(result.best_epoch - 1);
  ThreadPool pool(1);
  EXPECT_EQ(evaluate(result.best, *toy.validation, pool).loss, recorder.epochs[best].score);
}

TEST(Trainer, GivesTheWeightsThatAreLearnedWhereTheyAreOthers) {
  const Toy toy;
  OptimizerConfig slow = adam({.learning_rate = 0.1});
  slow.lookahead = 7;  // 11 steps an epoch
  OptimizerConfig average = optimizer_named("schedule_free_adamw");
  average.learning_rate = 0.1;
  for (const OptimizerConfig& optimizer : {slow, average}) {
    SCOPED_TRACE(optimizer.name);
    TrainConfig config = restless(0.0);
    config.optimizer = optimizer;
    Recorder recorder;
    const TrainResult result = train(toy, toy.model(), config, recorder);
    ThreadPool pool(1);
    EXPECT_EQ(evaluate(result.best, *toy.validation, pool).loss,
              recorder.epochs[static_cast<size_t>(result.best_epoch - 1)].score);
    // The loss of training is that of the weights that were moved; it must not be that of the ones judged.
    config.optimizer.lookahead = 0;
    config.optimizer.name = "adam";
    Recorder other;
    train(toy, toy.model(), config, other);
    EXPECT_NE(other.epochs[0].score, recorder.epochs[0].score);
  }
}

TEST(Trainer, GivesTheLearnedWeightsOfARunThatWasInterruptedInItsFirstEpoch) {
  const Toy toy;
  TrainConfig config = restless(0.0);
  config.optimizer = adam({.learning_rate = 0.1});
  std::vector<std::vector<float>> weights;
  for (const int64_t lookahead : {0, 5}) {
    config.optimizer.lookahead = lookahead;
    std::atomic<int> signal = 0;
    Recorder recorder;
    recorder.at_step = [&](const StepReport& report) {
      if (report.step == 3) signal = 2;
    };
    const TrainResult result = train(toy, toy.model(), config, recorder, &signal);
    const auto values = result.best.values.parameter_memory().as<float>();
    weights.emplace_back(values.begin(), values.end());
  }
  // After three steps the slow weights are those that were drawn.
  Model drawn = toy.model();
  drawn.values = drawn.graph.make_store();
  drawn.values.initialize(config.seed);
  const auto start = drawn.values.parameter_memory().as<float>();
  EXPECT_EQ(weights[1], std::vector<float>(start.begin(), start.end()));
  EXPECT_NE(weights[0], weights[1]);
}

TEST(Trainer, WarnsWherePatienceMayEndTheRunBeforeItsAverage) {
  const Toy toy;
  TrainConfig config = restless(0.0);
  config.weight_average = weight_average_from_config("swa");
  config.epochs = 3;
  config.patience = 1;
  Recorder recorder;
  train(toy, toy.model(), config, recorder);
  ASSERT_FALSE(recorder.warnings.empty());
  EXPECT_NE(recorder.warnings.back().find("weight_average begins after 2.25 of 3 epochs"), std::string::npos);
}

TEST(Trainer, RefusesADecayThatIsNone) {
  const Toy toy;
  for (const double decay : {-0.1, 1.0, std::nan("")}) {
    Recorder recorder;
    EXPECT_THROW(train(toy, toy.model(), restless(decay), recorder), Error) << decay;
  }
}

}  // namespace
}  // namespace redbud
