#include "redbud/train/weight_average.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

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

TEST(Trainer, RefusesADecayThatIsNone) {
  const Toy toy;
  for (const double decay : {-0.1, 1.0, std::nan("")}) {
    Recorder recorder;
    EXPECT_THROW(train(toy, toy.model(), restless(decay), recorder), Error) << decay;
  }
}

}  // namespace
}  // namespace redbud
