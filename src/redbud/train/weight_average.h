#pragma once
#include "redbud/core/thread_pool.h"
#include "redbud/graph/parameter_store.h"

namespace redbud {

/// An exponential average of the weights along the way of a training. Steps of a constant rate jump about a minimum;
/// their average lies nearer to it, and so a run ends lower without a schedule.
///
///   average += w (weights - average)   every kEvery steps; w = max(1 - decay^kEvery, 9 / (10 + updates))
///
/// The second term lets young averages forget their beginning sooner (a window of about a tenth of the run so far).
/// Source  Polyak, Juditsky 1992; TensorFlow's ExponentialMovingAverage with num_updates
class WeightAverage {
 public:
  /// `decay` a step, in (0, 1); 0: there is no average.
  WeightAverage(double decay, const ParameterStore& values);

  bool is_on() const { return decay_ > 0.0; }
  /// After the `steps`-th step of the run. What was averaged is a function of the steps alone, so a resume needs the
  /// array only.
  void follow(const ParameterStore& values, int64_t steps, ThreadPool& pool);
  /// Whether there was an update yet.
  bool is_there(int64_t steps) const { return is_on() && steps >= kEvery; }
  /// Puts the average into `values` and the weights here; again: back.
  void exchange(ParameterStore& values, ThreadPool& pool);
  /// Laid out as the parameters; empty where it is off.
  AlignedBuffer& memory() { return memory_; }
  const AlignedBuffer& memory() const { return memory_; }

 private:
  static constexpr int64_t kEvery = 8;  // so that it costs next to nothing

  double decay_;
  AlignedBuffer memory_;
};

/// The average stands in the values' place as long as this lives.
class AverageInPlace {
 public:
  AverageInPlace(WeightAverage& average, ParameterStore& values, ThreadPool& pool)
      : average_(average), values_(values), pool_(pool) {
    average_.exchange(values_, pool_);
  }
  ~AverageInPlace() { average_.exchange(values_, pool_); }
  AverageInPlace(const AverageInPlace&) = delete;
  AverageInPlace& operator=(const AverageInPlace&) = delete;

 private:
  WeightAverage& average_;
  ParameterStore& values_;
  ThreadPool& pool_;
};

}  // namespace redbud
