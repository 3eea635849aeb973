#pragma once
#include <cstdint>
#include <vector>

#include "redbud/train/trainer.h"

namespace redbud {

/// A range test: the learning rate rises from step to step by a constant factor.
struct RangeTest {
  double lowest = 1e-6;
  double highest = 10.0;
  int64_t steps = 200;  // from the lowest to the highest
};
/// Throws  Error{Usage}: lowest is not below highest, too few steps
void check(const RangeTest& test);

/// What one step of a range test saw.
struct RangePoint {
  double learning_rate = 0.0;
  double loss = 0.0;
  double smoothed = 0.0;  // the mean of the losses around it
};

/// The loss against the learning rate, and what follows from it.
struct RangeResult {
  std::vector<RangePoint> points;
  bool diverged = false;        // it ended before the highest rate
  double steepest = 0.0;        // where the smoothed loss falls fastest
  double lowest_loss_at = 0.0;  // where it is lowest
  double highest_good = 0.0;    // from where on it stays a tenth above that
  double learning_rate = 0.0;   // proposed: a quarter of highest_good
};

/// The rate that the losses of a range test speak for; `smoothed` is filled.
/// Throws  Error{Diverged}: there are too few points, or the loss never fell
RangeResult read_range(std::vector<RangePoint> points, bool diverged);

/// Trains a copy of the model, its weights drawn anew from config.seed, while the learning rate rises; ends where the
/// loss, averaged over the last steps, is four times its lowest value, or not finite. The model keeps its weights;
/// config's schedule and learning rate are not used. A signal of the options ends it early, with the points so far and
/// no rate (0).
///
///   rate(i) = lowest * (highest / lowest)^(i / (steps - 1))
///
/// Throws  as check, read_range, and run_training before its first step
/// Source  Smith 2017, "Cyclical learning rates for training neural networks", section 3.3
RangeResult find_learning_rate(const Model& model, const SampleSource& train, const TrainConfig& config,
                               const RangeTest& test, const RunOptions& options = {});

}  // namespace redbud
