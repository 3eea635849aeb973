#include "redbud/train/metrics/tally.h"

#include <algorithm>
#include <cmath>

namespace redbud {

Tally::Tally(TallyConfig config) : config_(std::move(config)) {
  const auto outputs = static_cast<size_t>(config_.outputs);
  if (config_.task == TallyTask::Classes) {
    confusion_.assign(outputs, std::vector<int64_t>(outputs));
    if (outputs == 2) ranked_.reserve(static_cast<size_t>(config_.rows));
  }
  if (config_.task == TallyTask::Numbers) numbers_.resize(outputs);
  if (config_.target_scale.size() != outputs) config_.target_scale.assign(outputs, 1.0);
}

void Tally::clear() {
  rows_ = 0;
  loss_sum_ = 0.0;
  loss_weight_ = 0.0;
  for (auto& row : confusion_) std::fill(row.begin(), row.end(), 0);
  ranked_.clear();
  std::fill(numbers_.begin(), numbers_.end(), NumberSums());
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
  if (config_.task == TallyTask::Classes) add_classes(chunk);
  if (config_.task == TallyTask::Numbers) add_numbers(chunk);
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
      const double error = scores[k] - truth;
      numbers_[k].error_square += error * error;
      numbers_[k].error += std::abs(error);
      numbers_[k].truth += truth;
      numbers_[k].truth_square += truth * truth;
    }
  }
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
  if (config_.task == TallyTask::Classes) {
    m.confusion = confusion_;
    add_class_metrics(m);
    if (config_.outputs == 2) m.auc = auc_by_ranks(ranked_);
  }
  if (config_.task == TallyTask::Numbers) finish_numbers(m);
  return m;
}

}  // namespace redbud
