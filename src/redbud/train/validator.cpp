#include "redbud/train/validator.h"

namespace redbud {

Validator::Validator(const EvaluatorParts& parts, Stepper& stepper, const BatchCut& cut)
    : evaluator_(parts), statistics_(parts.graph, parts.values), stepper_(stepper), cut_(cut) {}

bool Validator::make_exact(const EpochOrder& order, const StepContext& context, const std::atomic<int>* signal) {
  const int64_t batches = statistics_.batches(cut_);
  statistics_.begin();
  for (int64_t step = 0; step < batches; ++step) {
    if (signal != nullptr && signal->load() != 0) return false;
    statistics_.before_batch();
    stepper_.forward(order, step, context);
    statistics_.after_batch(cut_.rows(step));
  }
  statistics_.finish();
  return true;
}

std::optional<Metrics> Validator::run(const EpochOrder& order, const StepContext& context,
                                      const std::atomic<int>* signal) {
  std::optional<Metrics> metrics;
  is_exact_ = statistics_.are_needed();
  if (!is_exact_ || make_exact(order, context, signal)) metrics = evaluator_.run(context.pool, signal);
  if (!metrics) restore();
  return metrics;
}

void Validator::restore() {
  if (is_exact_) statistics_.restore();
  is_exact_ = false;
}

}  // namespace redbud
