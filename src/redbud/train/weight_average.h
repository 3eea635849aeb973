#pragma once
#include "redbud/core/thread_pool.h"
#include "redbud/graph/parameter_store.h"
#include "redbud/train/trainer.h"

namespace redbud {

/// Puts `others`, laid out as the parameters, into `values`, and what was there into `others`. Plans keep their
/// pointers.
void exchange_weights(ParameterStore& values, AlignedBuffer& others, ThreadPool& pool);

/// An average of the weights along the way of a training. Steps of a constant rate jump about a minimum; their average
/// lies nearer to it, and so a run ends lower without a schedule.
///
///   average += w (weights - average)
///   ema   every kEvery steps; w = max(1 - decay^kEvery, 9 / (10 + updates))
///   swa   after `start` of the run, every kEvery steps or at each epoch's end; w = 1 / (1 + updates): all count alike
///
/// ema's second term lets young averages forget their beginning sooner (a window of about a tenth of the run so far).
/// Source  Polyak, Juditsky 1992; TensorFlow's ExponentialMovingAverage with num_updates; Izmailov et al. 2018
class WeightAverage {
 public:
  /// How long the run is; swa begins by it.
  struct RunLength {
    int64_t epochs = 1;
    int64_t steps_per_epoch = 1;
  };
  WeightAverage(const WeightAverageConfig& config, const RunLength& length, const ParameterStore& values);

  bool is_on() const { return config_.kind != WeightAverageConfig::Kind::None; }
  /// After the `steps`-th step of the run. What was averaged is a function of the steps alone, so a resume needs the
  /// array only.
  void follow(const ParameterStore& values, int64_t steps, ThreadPool& pool);
  /// Whether there was an update yet.
  bool is_there(int64_t steps) const { return is_on() && updates(steps) > 0; }
  /// Puts the average into `values` and the weights here; again: back.
  void exchange(ParameterStore& values, ThreadPool& pool) { exchange_weights(values, memory_, pool); }
  /// Laid out as the parameters; empty where it is off.
  AlignedBuffer& memory() { return memory_; }
  const AlignedBuffer& memory() const { return memory_; }

 private:
  static constexpr int64_t kEvery = 8;  // so that it costs next to nothing

  /// After so many steps.
  int64_t updates(int64_t steps) const { return steps <= start_ ? 0 : steps / every_ - start_ / every_; }

  WeightAverageConfig config_;
  int64_t start_ = 0;       // the step after which it begins
  int64_t every_ = kEvery;  // steps
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
