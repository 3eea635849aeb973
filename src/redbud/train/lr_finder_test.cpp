#include "redbud/train/lr_finder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "redbud/testing/core/throws_error.h"
#include "redbud/train/toy_run_test.h"

namespace redbud {
namespace {

/// Flat up to 1e-4, falls by 0.4 a decade to 1e-2, flat up to 1e-1, rises by 2 a decade.
double curve(double log_rate) {
  if (log_rate < -4.0) return 1.0;
  if (log_rate < -2.0) return 1.0 - 0.4 * (log_rate + 4.0);
  return log_rate < -1.0 ? 0.2 : 0.2 + 2.0 * (log_rate + 1.0);
}

std::vector<RangePoint> points_of(double (*loss)(double)) {
  std::vector<RangePoint> points;
  for (int i = 0; i <= 600; ++i) {
    const double log_rate = -6.0 + i / 100.0;
    points.push_back({.learning_rate = std::pow(10.0, log_rate), .loss = loss(log_rate)});
  }
  return points;
}

TEST(ReadRange, FindsThePlacesOfAKnownCurve) {
  const RangeResult range = read_range(points_of(curve), false);
  const auto decade = [](double rate) { return std::log10(rate); };
  EXPECT_GE(decade(range.steepest), -4.0);
  EXPECT_LE(decade(range.steepest), -2.0);
  EXPECT_GE(decade(range.lowest_loss_at), -2.0);
  EXPECT_LE(decade(range.lowest_loss_at), -1.0);
  // A tenth above 0.2 is reached 0.01 decades after the flat part; the mean over 37 points on each side sees the rise
  // earlier.
  EXPECT_NEAR(decade(range.highest_good), -1.0, 0.37);
  EXPECT_DOUBLE_EQ(range.learning_rate, range.highest_good / 4.0);
}

TEST(ReadRange, TakesALossThatIsNegative) {
  // By its fall of 0.8 instead of its lowest value: a tenth of that is 0.08.
  const RangeResult range = read_range(points_of([](double log_rate) { return curve(log_rate) - 0.2; }), false);
  EXPECT_NEAR(std::log10(range.highest_good), -1.0, 0.37);
  const RangeResult below = read_range(points_of([](double log_rate) { return curve(log_rate) - 3.0; }), false);
  EXPECT_GE(below.highest_good, range.highest_good);
}

TEST(ReadRange, RefusesALossThatNeverFalls) {
  const auto rising = points_of([](double log_rate) { return 7.0 + log_rate; });
  EXPECT_TRUE(throws_error([&] { read_range(rising, true); }, ErrorKind::Diverged, "does not fall"));
  EXPECT_TRUE(throws_error([&] { read_range({}, true); }, ErrorKind::Diverged, "does not fall"));
}

TEST(FindLearningRate, LeavesTheModelAndGivesTheSameOnAnyNumberOfThreads) {
  const Toy toy;
  Model model = toy.model();
  model.values = model.graph.make_store();
  model.values.initialize(77);
  const ParameterStore before = model.values;
  TrainConfig config = config_for(1);
  const RangeResult one = find_learning_rate(model, *toy.train, config, {});
  config.threads = 2;
  const RangeResult two = find_learning_rate(model, *toy.train, config, {});
  EXPECT_EQ(std::memcmp(model.values.parameter_memory().data(), before.parameter_memory().data(),
                        static_cast<size_t>(before.parameter_memory().bytes())),
            0);
  ASSERT_EQ(one.points.size(), two.points.size());
  for (size_t i = 0; i < one.points.size(); ++i) EXPECT_EQ(one.points[i].loss, two.points[i].loss) << i;
  EXPECT_EQ(one.learning_rate, two.learning_rate);
}

TEST(FindLearningRate, ProposesARateThatTrains) {
  const Toy toy;
  TrainConfig config = config_for(8);
  const double found = find_learning_rate(toy.model(), *toy.train, config, {}).learning_rate;
  const auto loss_at = [&](double rate) {
    config.optimizer = adam({.learning_rate = rate});
    Recorder recorder;
    return train(toy, toy.model(), config, recorder).validation.loss;
  };
  const double loss = loss_at(found);
  EXPECT_LT(loss, loss_at(found / 300.0));
  EXPECT_LT(loss, loss_at(std::min(found * 300.0, 10.0)));
}

TEST(FindLearningRate, RefusesARangeThatIsNone) {
  const Toy toy;
  const auto search = [&](const RangeTest& test) { find_learning_rate(toy.model(), *toy.train, config_for(1), test); };
  EXPECT_TRUE(throws_error([&] { search({.lowest = 1.0, .highest = 0.1}); }, ErrorKind::Usage, "the range is none"));
  EXPECT_TRUE(throws_error([&] { search({.steps = 3}); }, ErrorKind::Usage, "at least 10 steps"));
}

TEST(FindLearningRate, RefusesWhatCannotBeTrained) {
  const Toy toy;
  TrainConfig config = config_for(1);
  config.batch_size = 1;
  EXPECT_TRUE(throws_error([&] { find_learning_rate(toy.model(), *toy.train, config, {}); }, ErrorKind::Usage,
                           "batch normalisation has no variance in a batch of one row"));
}

TEST(FindLearningRate, EndsEarlyAtASignal) {
  const Toy toy;
  const std::atomic<int> signal = 2;
  RunOptions options;
  options.signal = &signal;
  const RangeResult range = find_learning_rate(toy.model(), *toy.train, config_for(1), {}, options);
  EXPECT_TRUE(range.points.empty());
  EXPECT_EQ(range.learning_rate, 0.0);
}

}  // namespace
}  // namespace redbud
