#pragma once
#include "redbud/core/thread_pool.h"
#include "redbud/optim/optimizer.h"

namespace redbud {

/// Slow weights that follow the fast ones, which any rule moves, every few steps; the fast ones then go on from there.
///
///   every k steps:   slow += rate * (fast - slow);  fast = slow          slow begins as the weights do
///
/// State   slow; what is learned is slow
/// Source  Zhang et al. 2019 (arXiv 1907.08610)
class Lookahead {
 public:
  Lookahead(const OptimizerConfig& config, const SegmentLayout& layout);

  bool is_on() const { return every_ > 0; }
  /// Before the first step.
  void begin(const AlignedBuffer& parameters);
  /// After the `step`-th.
  void follow(AlignedBuffer& parameters, int64_t step, ThreadPool& pool);
  AlignedBuffer& slow() { return slow_; }
  const AlignedBuffer& slow() const { return slow_; }

 private:
  int64_t every_;
  double rate_;
  AlignedBuffer slow_;
};

}  // namespace redbud
