#pragma once
#include <cstdint>
#include <vector>

#include "redbud/graph/loss.h"
#include "redbud/kernels/kernel.h"
#include "redbud/train/metrics.h"

namespace redbud {

struct TallyConfig {
  TargetKind targets = TargetKind::Classes;
  Link link = Link::Softmax;  // Exp: predictions are the exponentials of the scores
  int64_t outputs = 0;
  std::vector<double> target_scale;  // numbers: the unit of each target; empty: 1
  int64_t rows = 0;                  // that will come
};

/// Scores and targets of some rows, as a plan has them.
struct TallyChunk {
  int64_t rows = 0;
  double loss = 0.0;
  const float* weights = nullptr;  // of the loss; null: 1
  kernels::Matrix scores;          // F32 (rows, outputs)
  kernels::Matrix target;          // I32 class index (rows, 1), or F32 (rows, outputs)
};

/// A score of the second class against the first, and whether the second is true.
struct RankedScore {
  double score = 0.0;
  bool positive = false;
};

/// The area under the ROC curve by ranks, equal scores sharing their mean rank; sorts `scores`. Nothing where one class
/// is absent or a score is not a number.
///   auc = (sum of the positives' ranks - P (P + 1) / 2) / (P N)
/// Source  Mann, Whitney 1947
std::optional<double> auc_by_ranks(std::vector<RankedScore>& scores);

/// Accuracy, balanced accuracy (mean recall of the classes that occur) and macro F1 (of the classes that occur or were
/// predicted) from a confusion matrix [true][predicted].
void add_class_metrics(Metrics& metrics);

/// Sums up what metrics need, chunk by chunk.
class Tally {
 public:
  explicit Tally(TallyConfig config);
  void clear();
  void add(const TallyChunk& chunk);
  Metrics metrics();

 private:
  void add_classes(const TallyChunk& chunk);
  void add_numbers(const TallyChunk& chunk);
  void add_labels(const TallyChunk& chunk);
  void finish_numbers(Metrics& metrics) const;
  void finish_labels(Metrics& metrics) const;

  /// In standardised units, which keep the sums free of cancellation.
  struct NumberSums {
    double error_square = 0.0;
    double error = 0.0;  // absolute
    double truth = 0.0;
    double truth_square = 0.0;
  };

  /// Of one label.
  struct LabelCounts {
    int64_t hits = 0;  // 1, and predicted so
    int64_t ones = 0;
    int64_t predicted = 0;  // as 1
  };

  TallyConfig config_;
  int64_t rows_ = 0;
  double loss_sum_ = 0.0;
  double loss_weight_ = 0.0;
  std::vector<std::vector<int64_t>> confusion_;
  std::vector<RankedScore> ranked_;
  std::vector<NumberSums> numbers_;
  std::vector<LabelCounts> labels_;
  int64_t labels_right_ = 0;
  int64_t rows_right_ = 0;  // all of whose labels are
};

}  // namespace redbud
