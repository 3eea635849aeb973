#pragma once
#include <vector>

#include "redbud/graph/graph.h"

namespace redbud {

/// Batch normalisation's statistics over the whole training set, for weights that are about to be judged or kept.
///
/// Running averages lag behind weights that move, which shows while they have seen few batches. So as long as some have
/// seen fewer than 5 / (1 - momentum), the statistics that validation and the kept weights use are computed anew, with
/// the weights as they are:
///
///   mean = sum_b n_b mean_b / N      var = sum_b n_b (var_b + mean_b^2) / N - mean^2      (b: the batches of the
///   epoch)
///
/// Each batch runs as in training. Training itself goes on with its running averages.
/// Source  Wu, Johnson 2021 (arXiv 2105.07576), section 3
class ExactStatistics {
 public:
  ExactStatistics(const Graph& graph, ParameterStore& values);

  bool are_needed() const;
  /// Puts the running averages aside.
  void begin();
  /// Before each batch, and after it.
  void before_batch();
  void after_batch(int64_t rows);
  /// The buffers now hold exact statistics (steps = -1).
  void finish();
  /// The buffers are as they were before begin().
  void restore();

 private:
  struct Norm {
    int mean, var, steps;  // buffers
    double momentum;
    std::vector<double> sum_mean, sum_square;
  };
  ParameterStore& values_;
  std::vector<Norm> norms_;
  AlignedBuffer kept_;
  double rows_ = 0.0;
};

}  // namespace redbud
