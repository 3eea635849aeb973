#include "redbud/train/early_stopping.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace redbud {
namespace {

TrainProgress after(std::initializer_list<double> scores, double min_change = 0.0) {
  TrainProgress p;
  for (double score : scores) {
    ++p.epoch;
    record_score(p, score, min_change);
  }
  return p;
}

TEST(EarlyStopping, KeepsTheFirstOfTheBest) {
  const TrainProgress p = after({3.0, 1.0, 2.0, 1.0});
  EXPECT_EQ(p.best_epoch, 2);
  EXPECT_EQ(p.best_score, 1.0);
  EXPECT_EQ(p.epochs_since_best, 2);
}

TEST(EarlyStopping, NothingIsWorseThanNaN) {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(after({nan, infinity}).best_epoch, 0);
  EXPECT_EQ(after({nan, 5.0}).best_epoch, 2);
  const TrainProgress p = after({5.0, nan, -infinity, infinity});
  EXPECT_EQ(p.best_epoch, 1);
  EXPECT_EQ(p.best_score, 5.0);
  EXPECT_EQ(p.epochs_since_best, 3);
}

TEST(EarlyStopping, PatienceCountsEpochsSinceTheBest) {
  const TrainProgress p = after({1.0, 2.0, 3.0});
  EXPECT_TRUE(is_out_of_patience(p, 1));
  EXPECT_TRUE(is_out_of_patience(p, 2));
  EXPECT_FALSE(is_out_of_patience(p, 3));
  EXPECT_FALSE(is_out_of_patience(p, 0));
}

TEST(EarlyStopping, SmallChangesDoNotRenewPatience) {
  const TrainProgress p = after({1.0, 0.95, 0.92, 0.91}, 0.1);
  EXPECT_EQ(p.epochs_since_best, 3);
  EXPECT_TRUE(is_out_of_patience(p, 3));
  EXPECT_FALSE(is_out_of_patience(after({1.0, 0.95, 0.92, 0.91}), 1));
}

TEST(EarlyStopping, TheBestWeightsAreThoseOfTheBestScoreAllTheSame) {
  const TrainProgress p = after({1.0, 0.95, 0.97}, 0.1);
  EXPECT_EQ(p.best_epoch, 2);
  EXPECT_EQ(p.best_score, 0.95);
}

TEST(EarlyStopping, ManySmallChangesAddUp) {
  EXPECT_EQ(after({1.0, 0.96, 0.92, 0.88}, 0.1).epochs_since_best, 0);  // 0.12 below where patience began
  EXPECT_EQ(after({1.0, 0.96, 0.92, 0.88, 0.80}, 0.1).epochs_since_best, 1);
  EXPECT_EQ(after({1.0, 0.9375, 0.875}, 0.125).epochs_since_best, 2);  // as much, not more
}

}  // namespace
}  // namespace redbud
