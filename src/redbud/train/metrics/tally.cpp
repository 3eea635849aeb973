#include "redbud/train/metrics/tally.h"

#include <algorithm>
#include <cmath>

namespace redbud {

Tally::Tally(TallyConfig config) : config_(std::move(config)) {
  const auto outputs = static_cast<size_t>(config_.outputs);
  if (config_.targets == TargetKind::Classes) {
    confusion_.assign(outputs, std::vector<int64_t>(outputs));
    if (outputs == 2) ranked_.reserve(static_cast<size_t>(config_.rows));
  }
  if (config_.targets == TargetKind::Numbers) numbers_.resize(outputs);
  if (config_.targets == TargetKind::Labels) labels_.resize(outputs);
  if (config_.target_scale.size() != outputs) config_.target_scale.assign(outputs, 1.0);
}

void Tally::clear() {
  rows_ = 0;
  loss_sum_ = 0.0;
  loss_weight_ = 0.0;
  for (auto& row : confusion_) std::fill(row.begin(), row.end(), 0);
  ranked_.clear();
  std::fill(numbers_.begin(), numbers_.end(), NumberSums());
  std::fill(labels_.begin(), labels_.end(), LabelCounts());
  labels_right_ = 0;
  rows_right_ = 0;
}

void Tally::add(const TallyChunk& chunk) {
  double weight = static_cast<double>(chunk.rows);
  if (chunk.weights != nullptr) {
    weight = 0.0;
    for (int64_t n = 0; n < chunk.rows; ++n) weight += static_cast<double>(chunk.weights[n]);
  }
  rows_ += chunk.rows;
  if (weight != 0.0) loss_sum_ += chunk.loss * weight;
  loss_weight_ += weight;
  if (config_.targets == TargetKind::Classes) add_classes(chunk);
  if (config_.targets == TargetKind::Numbers) add_numbers(chunk);
  if (config_.targets == TargetKind::Labels) add_labels(chunk);
}

void Tally::add_classes(const TallyChunk& chunk) {
  for (int64_t n = 0; n < chunk.rows; ++n) {
    const float* scores = chunk.scores.row<const float>(n);
    const auto predicted = std::max_element(scores, scores + config_.outputs) - scores;
    const auto truth = static_cast<size_t>(*chunk.target.row<const int32_t>(n));
    ++confusion_.at(truth).at(static_cast<size_t>(predicted));
    if (config_.outputs == 2) ranked_.push_back({static_cast<double>(scores[1]) - scores[0], truth == 1});
  }
}

void Tally::add_numbers(const TallyChunk& chunk) {
  for (int64_t n = 0; n < chunk.rows; ++n) {
    const float* scores = chunk.scores.row<const float>(n);
    const float* truths = chunk.target.row<const float>(n);
    for (size_t k = 0; k < numbers_.size(); ++k) {
      const double truth = truths[k];
      const double prediction = config_.link == Link::Exp ? std::exp(static_cast<double>(scores[k])) : scores[k];
      const double error = prediction - truth;
      numbers_[k].error_square += error * error;
      numbers_[k].error += std::abs(error);
      numbers_[k].truth += truth;
      numbers_[k].truth_square += truth * truth;
    }
  }
}

/// A score above 0 is a probability above 1/2, or the far side of a margin.
void Tally::add_labels(const TallyChunk& chunk) {
  for (int64_t n = 0; n < chunk.rows; ++n) {
    const float* scores = chunk.scores.row<const float>(n);
    const float* truths = chunk.target.row<const float>(n);
    int64_t right = 0;
    for (size_t k = 0; k < labels_.size(); ++k) {
      const bool predicted = scores[k] > 0.0F;
      const bool truth = truths[k] > 0.5F;
      right += predicted == truth ? 1 : 0;
      labels_[k].hits += predicted && truth ? 1 : 0;
      labels_[k].ones += truth ? 1 : 0;
      labels_[k].predicted += predicted ? 1 : 0;
    }
    labels_right_ += right;
    rows_right_ += right == config_.outputs ? 1 : 0;
  }
}

/// The F1 of a label that neither occurs nor is predicted is 0, as in scikit-learn.
void Tally::finish_labels(Metrics& m) const {
  const auto rows = static_cast<double>(rows_);
  const auto labels = static_cast<double>(labels_.size());
  double f1 = 0.0;
  for (const LabelCounts& label : labels_) {
    const auto met = static_cast<double>(label.ones + label.predicted);
    f1 += met > 0.0 ? 2.0 * static_cast<double>(label.hits) / met : 0.0;
  }
  m.accuracy = static_cast<double>(labels_right_) / (rows * labels);
  m.subset_accuracy = static_cast<double>(rows_right_) / rows;
  m.f1_macro = f1 / labels;
}

/// r2 as scikit-learn has it where the truths are constant: 1 without an error, else 0.
void Tally::finish_numbers(Metrics& m) const {
  const auto n = static_cast<double>(rows_);
  const auto targets = static_cast<double>(numbers_.size());
  double rmse = 0.0;
  double mae = 0.0;
  double r2 = 0.0;
  for (size_t k = 0; k < numbers_.size(); ++k) {
    const NumberSums& s = numbers_[k];
    const double scale = std::abs(config_.target_scale[k]);
    rmse += scale * std::sqrt(s.error_square / n);
    mae += scale * s.error / n;
    const double spread = s.truth_square - s.truth * s.truth / n;
    r2 += spread > 0.0 ? 1.0 - s.error_square / spread : (s.error_square == 0.0 ? 1.0 : 0.0);
  }
  m.rmse = rmse / targets;
  m.mae = mae / targets;
  m.r2 = r2 / targets;
}

Metrics Tally::metrics() {
  Metrics m;
  m.rows = rows_;
  m.loss = loss_weight_ == 0.0 ? 0.0 : loss_sum_ / loss_weight_;
  if (rows_ == 0) return m;
  if (config_.targets == TargetKind::Classes) {
    m.confusion = confusion_;
    add_class_metrics(m);
    if (config_.outputs == 2) m.auc = auc_by_ranks(ranked_);
  }
  if (config_.targets == TargetKind::Numbers) finish_numbers(m);
  if (config_.targets == TargetKind::Labels) finish_labels(m);
  return m;
}

}  // namespace redbud
