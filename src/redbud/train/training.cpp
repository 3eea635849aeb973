// The loop: steps, epochs, what is kept of them.
#include "redbud/train/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/core/text.h"
#include "redbud/train/early_stopping.h"
#include "redbud/train/health.h"

namespace redbud {

TrainResult Training::run() {
  begin();
  std::optional<StopReason> reason;
  try {
    while (!(reason = reason_to_stop())) run_epoch();
    save_last();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Diverged || state_.progress.best_epoch == 0) throw;
    TrainResult diverged = result(StopReason::Diverged);
    diverged.divergence = error;
    return diverged;
  }
  return result(*reason);
}

bool Training::must_stop() const {
  return is_interrupted() || (config_.time_limit_s > 0.0 && elapsed_s() >= config_.time_limit_s);
}

std::optional<StopReason> Training::reason_to_stop() const {
  const TrainProgress& p = state_.progress;
  if (p.epoch >= config_.epochs) return StopReason::Epochs;
  if (p.position == 0 && is_out_of_patience(p, config_.patience)) return StopReason::Patience;
  if (!must_stop()) return std::nullopt;
  return is_interrupted() ? StopReason::Interrupted : StopReason::TimeLimit;
}

/// From wherever the epoch stands; comes back early where the run must stop.
void Training::run_epoch() {
  const EpochOrder rows = order();
  while (state_.progress.position < cut_.steps()) {
    make_step(rows);
    if (checkpointer_.is_due()) save();
    if (must_stop()) break;
  }
  // An epoch whose last step was made is judged even when its time is up; not when someone waits for the program to
  // end.
  if (state_.progress.position == cut_.steps() && !is_interrupted()) finish_epoch(rows);
}

UpdateRates Training::rates(int64_t step_in_epoch) const {
  const TrainProgress& p = state_.progress;
  const double share = static_cast<double>(step_in_epoch) / static_cast<double>(cut_.steps());
  const RunPosition position{.epoch = static_cast<double>(p.epoch) + share,
                             .epochs = static_cast<double>(config_.epochs),
                             .step = p.epoch * cut_.steps() + step_in_epoch,
                             .drops = p.rate_drops};
  const auto momentum = momentum_schedule_ ? momentum_schedule_->at(position) : schedule_->momentum(position);
  return {schedule_->factor(position), momentum};
}

/// For a schedule that watches the score.
void Training::drop_rate_on_plateau(bool better) {
  if (schedule_->patience() == 0) return;
  TrainProgress& p = state_.progress;
  p.epochs_since_drop = better ? 0 : p.epochs_since_drop + 1;
  if (p.epochs_since_drop < schedule_->patience()) return;
  ++p.rate_drops;
  p.epochs_since_drop = 0;
}

void Training::make_step(const EpochOrder& rows) {
  TrainProgress& p = state_.progress;
  const bool is_probed = probe_ != nullptr && p.position == probe_->step();
  if (is_probed) probe_->before_step();
  const Stopwatch watch;
  StepReport report = stepper_.run(rows, p.position, context_on(pool_choice_.next()), rates(p.position));
  pool_choice_.note(watch.seconds());
  if (is_probed) probe_->after_step(stepper_.gradients(), pool_);
  const int64_t count = cut_.rows(p.position);
  p.loss_sum += report.loss * static_cast<double>(count);
  p.loss_rows += count;
  epoch_rows_ += count;
  ++p.step;
  ++p.position;
  average_.follow(model_.values, p.step, pool_);
  report.epoch = p.epoch + 1;
  report.step = p.step;
  report.step_in_epoch = p.position;
  report.steps_per_epoch = cut_.steps();
  announcer_.tell([&](Observer& o) { o.on_step(report); });
}

void Training::finish_epoch(const EpochOrder& rows) {
  const double rows_a_second = static_cast<double>(epoch_rows_) / std::max(1e-9, epoch_watch_.seconds());
  TrainProgress& p = state_.progress;
  const std::optional<Validator::Verdict> verdict = validator_.run(rows, p.step, context(), options_.signal);
  if (!verdict) return;
  EpochReport report;
  report.learning_rate = optimizer_.config().learning_rate * rates(cut_.steps() - 1).learning_rate_factor;
  report.epoch = ++p.epoch;
  report.step = p.step;
  report.train_loss = p.loss_sum / static_cast<double>(p.loss_rows);
  p.position = 0;
  p.loss_sum = 0.0;
  p.loss_rows = 0;
  report.validation = verdict->metrics;
  report.score = score_of(verdict->metrics, config_.monitor);
  report.averaged = verdict->averaged;
  report.best = record_score(p, report.score, config_.min_change);
  drop_rate_on_plateau(report.best);
  report.samples_per_s = rows_a_second;
  if (report.best) keep_best(*verdict);
  report.elapsed_s = elapsed_s();
  if (probe_) report.health = probe_->take();
  note_epoch(report);
  if (checkpointer_.is_due_at_epoch_end()) save();
  epoch_rows_ = 0;
  epoch_watch_.restart();
}

void Training::keep_best(const Validator::Verdict& verdict) {
  best_.parameter_memory().copy_from(validator_.weights());
  best_.buffer_memory().copy_from(validator_.buffers());
  best_validation_ = verdict.metrics;
}

void Training::note_epoch(const EpochReport& report) {
  ConfigValue entry;
  entry.set("epoch", report.epoch);
  entry.set("step", report.step);
  entry.set("train_loss", report.train_loss);
  entry.set("best", report.best);
  entry.set("averaged", report.averaged);
  entry.set("validation", to_config(report.validation));
  std::get<ConfigValue::List>(state_.progress.history.value).push_back(std::move(entry));
  announcer_.tell([&](Observer& o) { o.on_epoch(report); });
  if (probe_) {
    for (const std::string& words : illness_words_.of_epoch(report.health, probe_->makeup())) announcer_.warning(words);
  }
  if (!std::isfinite(report.score)) {
    announcer_.warning(
        fmt::format("epoch {}: the validation {} is not finite, so these weights are not kept as the best",
                    report.epoch, to_string(config_.monitor)));
  }
}

void Training::prepare_to_save() {
  state_.progress.elapsed_s = elapsed_s();
  const std::string bad = first_non_finite_parameter(model_.values, pool_);
  if (bad.empty()) return;
  const double rate = optimizer_.config().learning_rate;
  throw Error(ErrorKind::Diverged,
              {.where = fmt::format("step {}, parameter {}", state_.progress.step, bad),
               .fact = "a weight is not finite",
               .found = fmt::format("learning rate {}", format_number(rate)),
               .expected = "finite numbers",
               .hint = fmt::format("try learning_rate = {}, or clip_norm = 1; the last checkpoint is kept",
                                   format_number(rate / 10))});
}

void Training::save() {
  prepare_to_save();
  checkpointer_.save(state_, fingerprint_);
}

void Training::save_last() {
  if (options_.folder.empty()) return;
  prepare_to_save();
  checkpointer_.save_last(state_, fingerprint_);
}

}  // namespace redbud
