#include "redbud/train/validator.h"

#include <cmath>

namespace redbud {
namespace {

bool is_better(double score, double other) { return std::isfinite(score) && !(std::isfinite(other) && other <= score); }

}  // namespace

Validator::Validator(const Parts& parts, const BatchCut& cut)
    : evaluator_(parts.evaluator),
      values_(parts.values),
      average_(parts.average),
      optimizer_(parts.optimizer),
      learned_(parts.optimizer.learns_elsewhere() ? parts.values.parameter_memory().bytes() : 0),
      statistics_(parts.evaluator.graph, parts.values, parts.statistics),
      stepper_(parts.stepper),
      monitor_(parts.monitor),
      activations_(parts.activations),
      cut_(cut),
      buffers_(parts.values.buffer_memory().bytes()),
      buffers_of_average_(parts.average.is_on() ? buffers_.bytes() : 0) {}

bool Validator::make_exact(const Look& look) {
  const int64_t batches = statistics_.batches(cut_);
  for (int64_t step = 0; step < batches; ++step) {
    if (look.signal != nullptr && look.signal->load() != 0) return false;
    statistics_.before_batch();
    stepper_.forward(look.order, step, look.context);
    statistics_.after_batch(cut_.rows(step));
  }
  statistics_.finish();
  return true;
}

std::optional<Metrics> Validator::judge(const Look& look, bool exact, AlignedBuffer& judged_buffers,
                                        ActivationTally* activations) {
  std::optional<Metrics> metrics;
  if (exact) statistics_.begin();
  if (!exact || make_exact(look)) metrics = evaluator_.run(look.context.pool, look.signal, activations);
  judged_buffers.copy_from(values_.buffer_memory());
  if (exact) statistics_.restore();
  return metrics;
}

/// The running statistics are those of the weights that are moved.
std::optional<Metrics> Validator::judge_learned(const Look& look) {
  if (!optimizer_.learns_elsewhere()) return judge(look, statistics_.are_needed(), buffers_, activations_);
  optimizer_.write_learned(values_.parameter_memory(), learned_, look.context.pool);
  exchange_weights(values_, learned_, look.context.pool);
  const std::optional<Metrics> metrics = judge(look, statistics_.are_needed_for_average(), buffers_, activations_);
  exchange_weights(values_, learned_, look.context.pool);
  return metrics;
}

const AlignedBuffer& Validator::weights() const {
  if (averaged_) return average_.memory();
  return optimizer_.learns_elsewhere() ? learned_ : values_.parameter_memory();
}

std::optional<Validator::Verdict> Validator::run(const EpochOrder& order, int64_t steps, const StepContext& context,
                                                 const std::atomic<int>* signal) {
  const Look look{.order = order, .context = context, .signal = signal};
  averaged_ = false;
  if (activations_ != nullptr) activations_->clear();
  const std::optional<Metrics> as_they_are = judge_learned(look);
  if (!as_they_are) return std::nullopt;
  if (!average_.is_there(steps)) return Verdict{.metrics = *as_they_are};
  const AverageInPlace averaged(average_, values_, context.pool);
  // The running statistics are those of the weights, not of their average.
  const std::optional<Metrics> of_average =
      judge(look, statistics_.are_needed_for_average(), buffers_of_average_, nullptr);
  if (!of_average) return std::nullopt;
  averaged_ = is_better(score_of(*of_average, monitor_), score_of(*as_they_are, monitor_));
  return Verdict{.metrics = averaged_ ? *of_average : *as_they_are, .averaged = averaged_};
}

}  // namespace redbud
