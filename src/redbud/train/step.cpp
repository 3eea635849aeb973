#include "redbud/train/step.h"

#include <fmt/format.h>

#include <cmath>

#include "redbud/core/text.h"

namespace redbud {

Stepper::Stepper(const StepperParts& parts, const BatchCut& cut, const PlanSettings& settings)
    : parts_(parts),
      cut_(cut),
      settings_(settings),
      gradients_(parts.values.parameter_memory().bytes()),
      kept_buffers_(parts.values.buffer_memory().bytes()),
      rows_(static_cast<size_t>(cut.most_rows())) {
  batches_ = make_batches(PlanGoal::Gradients);
}

std::vector<Stepper::Batch> Stepper::make_batches(PlanGoal goal) {
  std::vector<Batch> batches;
  batches.push_back(make_batch(cut_.rows(0), goal));
  if (cut_.last_rows() != cut_.rows(0)) batches.push_back(make_batch(cut_.last_rows(), goal));
  return batches;
}

Stepper::Batch Stepper::make_batch(int64_t rows, PlanGoal goal) {
  PlanOptions options;
  options.goal = goal;
  options.rows = rows;
  options.weighted = parts_.source.type().weighted;
  const bool mixes = goal == PlanGoal::Gradients && parts_.mixup > 0.0;
  options.soft_targets = mixes;
  options.kernels = settings_.kernels;
  options.disabled_passes = settings_.disabled_passes;
  Plan plan(parts_.graph, parts_.loss.get(), parts_.values, &gradients_, options);
  Gather gather;
  std::unique_ptr<Mixup> mixup;
  if (mixes) {
    mixup = std::make_unique<Mixup>(parts_.source.type(), plan.batch(), rows, parts_.graph.output_shape().elements());
  } else {
    gather = Gather(parts_.source.type(), plan.batch(), rows);
  }
  return {std::move(plan), std::move(gather), std::move(mixup)};
}

Stepper::Batch& Stepper::gathered(std::vector<Batch>& batches, const EpochOrder& order, int64_t step,
                                  const StepContext& context) {
  const bool other_size = cut_.rows(step) != cut_.rows(0);
  Batch& batch = batches[other_size ? 1 : 0];
  const std::span<int64_t> rows(rows_.data(), static_cast<size_t>(cut_.rows(step)));
  order.fill(step, rows);
  if (batch.mixup != nullptr) {
    batch.mixup->run(parts_.source, rows, {.alpha = parts_.mixup, .seed = context.seed, .step = context.step},
                     context.pool);
  } else {
    batch.gather.run(parts_.source, rows, context.pool);
  }
  return batch;
}

StepReport Stepper::run(const EpochOrder& order, int64_t step, const StepContext& context, const UpdateRates& rates) {
  Batch& batch = gathered(batches_, order, step, context);
  kept_buffers_.copy_from(parts_.values.buffer_memory());
  batch.plan.run(context);
  const double loss = batch.plan.loss();
  if (!std::isfinite(loss)) refuse(batch, context, false);
  const UpdateReport update =
      parts_.optimizer.update(parts_.values.parameter_memory(), gradients_, rates, context.pool);
  if (!update.finite) refuse(batch, context, true);
  return {.loss = loss, .gradient_norm = update.gradient_norm};
}

void Stepper::forward(const EpochOrder& order, int64_t step, const StepContext& context) {
  if (statistics_.empty()) statistics_ = make_batches(PlanGoal::Statistics);
  gathered(statistics_, order, step, context).plan.run(context);
}

void Stepper::refuse(Batch& batch, const StepContext& context, bool loss_is_finite) {
  const double loss = batch.plan.loss();
  const std::string place = batch.plan.find_non_finite(context);
  parts_.values.buffer_memory().copy_from(kept_buffers_);
  const double rate = parts_.optimizer.config().learning_rate;
  const auto shown = format_number(static_cast<float>(loss));
  throw Error(ErrorKind::Diverged,
              {.where = fmt::format("step {}{}{}", context.step + 1, place.empty() ? "" : ", ", place),
               .fact = loss_is_finite ? "a gradient is not finite" : "the loss is not finite",
               .found = fmt::format("loss {}, learning rate {}", shown, format_number(static_cast<float>(rate))),
               .expected = "finite numbers",
               .hint = fmt::format("try learning_rate = {}, or clip_norm = 1; nothing of this step was kept",
                                   format_number(static_cast<float>(rate / 10)))});
}

int64_t Stepper::arena_bytes() const {
  int64_t bytes = 0;
  for (const Batch& batch : batches_) bytes += batch.plan.arena_bytes();
  for (const Batch& batch : statistics_) bytes += batch.plan.arena_bytes();
  return bytes;
}

}  // namespace redbud
