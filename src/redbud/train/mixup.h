#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "redbud/core/tensor.h"
#include "redbud/train/gather.h"

namespace redbud {

/// What the shares and partners of a batch are drawn from, beside the row.
struct MixupDraw {
  double alpha = 1.0;
  uint64_t seed = 0;
  uint64_t step = 0;
};

/// Fills a batch with rows that are each mixed with another one of it.
///
///   x[i] = a[i] x'[i] + (1 - a[i]) x'[p(i)]      targets and weights alike; a class is a share of 1 before it is mixed
///
/// a[i] is drawn from Beta(alpha, alpha) by (seed, step, i); p is a permutation of the batch by (seed, step).
/// Source  Zhang et al. 2018: mixup: beyond empirical risk minimization; there, a is one number a batch
class Mixup {
 public:
  /// `batch` is that of a plan with soft targets. Everything that run() needs is allocated here.
  Mixup(const BatchType& type, const BatchView& batch, int64_t rows, int64_t outputs);
  void run(const SampleSource& source, std::span<const int64_t> rows, const MixupDraw& draw, ThreadPool& pool);

 private:
  struct Pair {
    int64_t row;
    int64_t partner;
    float share;  // of the row
  };
  void mix(const Pair& pair) const;

  BatchType type_;
  BatchView mixed_;
  int64_t outputs_;
  std::vector<AlignedBuffer> memory_;
  std::vector<float> weights_;
  BatchView plain_;  // the rows as they are
  Gather gather_;
};

}  // namespace redbud
