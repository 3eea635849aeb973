#pragma once
#include <vector>

#include "redbud/graph/graph.h"
#include "redbud/train/batch_order.h"
#include "redbud/train/trainer.h"

namespace redbud {

/// Batch normalisation's statistics over the whole training set, for weights that are about to be judged or kept.
///
/// Running averages lag behind weights that move, which shows while they have seen few batches; and above a dropout
/// they hold the variance of values that were dropped and scaled up, which prediction never sees. So as long as some
/// have seen fewer than 5 / (1 - momentum) batches, or where the network drops anything, the statistics that validation
/// and the kept weights use are computed anew, with the weights as they are and nothing dropped:
///
///   mean = sum_b n_b mean_b / N      var = sum_b n_b (var_b + mean_b^2) / N - mean^2      (b: the batches of the
///   epoch)
///
/// Over the whole training set in the first case, and over its first kSampleRows rows of the epoch in the second.
/// StatisticsRule::Always takes the whole set for every weights that are judged, Never the running averages.
/// The second also holds for an average of the weights, which no batch was trained with. Training itself goes on with
/// its running averages. Source  Wu, Johnson 2021 (arXiv 2105.07576), section 3; Li et al. 2019 (arXiv 1801.05134): the
/// shift of variance
class ExactStatistics {
 public:
  ExactStatistics(const Graph& graph, ParameterStore& values, StatisticsRule rule = StatisticsRule::Auto);

  /// For the weights that were trained.
  bool are_needed() const;
  /// For an average of them, which no running average belongs to.
  bool are_needed_for_average() const { return !norms_.empty() && rule_ != StatisticsRule::Never; }
  /// How many of the epoch's batches are looked at.
  int64_t batches(const BatchCut& cut) const;
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
  bool have_seen_few() const;

  static constexpr int64_t kSampleRows = 10'000;  // a variance is then right to about 1.4 %

  ParameterStore& values_;
  StatisticsRule rule_;
  bool drops_ = false;  // the network has a dropout or one of its kin
  std::vector<Norm> norms_;
  AlignedBuffer kept_;
  double rows_ = 0.0;
};

}  // namespace redbud
