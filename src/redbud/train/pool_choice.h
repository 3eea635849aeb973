#pragma once
#include "redbud/core/thread_pool.h"

namespace redbud {

/// Whether the next step runs on all threads or on one: whichever was faster when both were tried.
///
/// Results are the same bits on any number of threads, so the choice is free. Small steps on several threads can be
/// slower than on one: where the threads run on two dies (a cache line between them takes 400 ns instead of 50), or
/// where another program has one of the cores. Both change while a run goes on, so the trial is repeated.
class PoolChoice {
 public:
  explicit PoolChoice(ThreadPool& all) : all_(all), one_(1) {}

  ThreadPool& next() { return uses_all() || all_.threads() == 1 ? all_ : one_; }
  /// How long the step took that next() was for.
  void note(double seconds);

 private:
  static constexpr int kTrialSteps = 3;       // on each; the fastest counts
  static constexpr double kTrialEvery = 0.5;  // seconds
  static constexpr double kLongStep = 0.005;  // seconds: then threads have enough to do, and a trial costs too much

  bool uses_all() const {
    return all_.threads() > 1 && (trial_step_ >= 0 ? trial_step_ >= kTrialSteps : all_is_faster_);
  }

  ThreadPool& all_;
  ThreadPool one_;
  bool all_is_faster_ = true;
  int trial_step_ = -1;  // -1: none runs; first those on one thread
  double since_trial_ = kTrialEvery;
  double fastest_one_ = 0.0;
  double fastest_all_ = 0.0;
};

}  // namespace redbud
