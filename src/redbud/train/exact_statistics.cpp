#include "redbud/train/exact_statistics.h"

#include <algorithm>
#include <cmath>

namespace redbud {
namespace {

constexpr double kEnough = 5.0;  // times 1 / (1 - momentum), the memory of the running averages

bool is_training_norm(const Node& node) { return node.layer && node.layer->kind() == "batch_norm" && !node.frozen; }

}  // namespace

ExactStatistics::ExactStatistics(const Graph& graph, ParameterStore& values, StatisticsRule rule)
    : values_(values), rule_(rule) {
  for (const Node& node : graph.nodes()) {
    drops_ = drops_ || (node.layer && node.layer->is_random() && !node.frozen);
    if (!is_training_norm(node)) continue;
    RB_ASSERT(node.buffers.size() == 3);  // running_mean, running_var, steps
    const bool shared =
        std::any_of(norms_.begin(), norms_.end(), [&](const Norm& n) { return n.mean == node.buffers[0]; });
    if (shared) continue;
    const auto width = values.buffer(node.buffers[0]).size();
    const ConfigValue config = node.layer->config();
    norms_.push_back({.mean = node.buffers[0],
                      .var = node.buffers[1],
                      .steps = node.buffers[2],
                      .momentum = config.find("momentum")->as_number("momentum"),
                      .sum_mean = std::vector<double>(width),
                      .sum_square = std::vector<double>(width)});
  }
  kept_ = AlignedBuffer(values.buffer_memory().bytes());
}

bool ExactStatistics::are_needed() const {
  if (norms_.empty() || rule_ == StatisticsRule::Never) return false;
  return rule_ == StatisticsRule::Always || drops_ || have_seen_few();
}

int64_t ExactStatistics::batches(const BatchCut& cut) const {
  if (rule_ == StatisticsRule::Always || have_seen_few()) return cut.steps();
  const int64_t a_batch = std::max<int64_t>(1, cut.rows(0));
  return std::min(cut.steps(), (kSampleRows + a_batch - 1) / a_batch);
}

bool ExactStatistics::have_seen_few() const {
  return std::any_of(norms_.begin(), norms_.end(), [&](const Norm& norm) {
    const auto steps = static_cast<double>(values_.buffer(norm.steps)[0]);
    return steps >= 0.0 && steps < std::round(kEnough / (1.0 - norm.momentum));
  });
}

void ExactStatistics::begin() {
  kept_.copy_from(values_.buffer_memory());
  rows_ = 0.0;
  for (Norm& norm : norms_) {
    std::fill(norm.sum_mean.begin(), norm.sum_mean.end(), 0.0);
    std::fill(norm.sum_square.begin(), norm.sum_square.end(), 0.0);
  }
}

void ExactStatistics::before_batch() {
  for (const Norm& norm : norms_) {
    for (int buffer : {norm.mean, norm.var, norm.steps}) {
      const auto values = values_.buffer(buffer);
      std::fill(values.begin(), values.end(), 0.0F);
    }
  }
}

/// Averages that started at 0 before the batch hold its statistics times 1 - momentum^uses.
void ExactStatistics::after_batch(int64_t rows) {
  const auto weight = static_cast<double>(rows);
  rows_ += weight;
  for (Norm& norm : norms_) {
    const double uses = values_.buffer(norm.steps)[0];
    const double scale = 1.0 / (1.0 - std::pow(norm.momentum, uses));
    const auto mean = values_.buffer(norm.mean);
    const auto var = values_.buffer(norm.var);
    for (size_t k = 0; k < mean.size(); ++k) {
      const double m = mean[k] * scale;
      norm.sum_mean[k] += weight * m;
      norm.sum_square[k] += weight * (var[k] * scale + m * m);
    }
  }
}

void ExactStatistics::finish() {
  for (const Norm& norm : norms_) {
    const auto mean = values_.buffer(norm.mean);
    const auto var = values_.buffer(norm.var);
    for (size_t k = 0; k < mean.size(); ++k) {
      const double m = norm.sum_mean[k] / rows_;
      mean[k] = static_cast<float>(m);
      var[k] = static_cast<float>(std::max(0.0, norm.sum_square[k] / rows_ - m * m));
    }
    values_.buffer(norm.steps)[0] = -1.0F;
  }
}

void ExactStatistics::restore() { values_.buffer_memory().copy_from(kept_); }

}  // namespace redbud
