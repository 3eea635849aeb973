#include "redbud/train/early_stopping.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace redbud {
namespace {

TrainProgress after(std::initializer_list<double> scores) {
  TrainProgress p;
  for (double score : scores) {
    ++p.epoch;
    record_score(p, score);
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

}  // namespace
}  // namespace redbud
