// What a training gives: the best weights, and how good they are.

#include "redbud/losses/registry.h"
#include "redbud/train/training.h"

namespace redbud {

namespace {

/// Whether the best epoch's weights were an average.
bool best_is_averaged(const TrainProgress& progress) {
  if (progress.best_epoch < 1) return false;
  const ConfigValue::List& history = progress.history.as_list("history");
  return history.at(static_cast<size_t>(progress.best_epoch - 1)).find("averaged")->as_bool("averaged");
}

}  // namespace

/// Where no epoch was completed there is no best: then the present weights are given, unless they are of no use.
void Training::put_best_into_model(StopReason reason) {
  if (state_.progress.best_epoch > 0) {
    model_.values.parameter_memory().copy_from(best_.parameter_memory());
    model_.values.buffer_memory().copy_from(best_.buffer_memory());
    return;
  }
  if (state_.progress.epoch > 0) {
    throw Error(ErrorKind::Diverged, {.where = "training",
                                      .fact = "no epoch had a finite validation loss",
                                      .hint = "lower learning_rate, or set clip_norm = 1"});
  }
  if (reason == StopReason::Interrupted) {
    if (optimizer_.learns_elsewhere()) {
      AlignedBuffer weights(model_.values.parameter_memory().bytes());
      weights.copy_from(model_.values.parameter_memory());
      optimizer_.write_learned(weights, model_.values.parameter_memory(), pool_);
    }
    return;
  }
  validator_.run(order(), state_.progress.step, context(), nullptr);
  if (&validator_.weights() != &model_.values.parameter_memory()) {
    model_.values.parameter_memory().copy_from(validator_.weights());
  }
  model_.values.buffer_memory().copy_from(validator_.buffers());
}

TrainResult Training::result(StopReason reason) {
  TrainResult result;
  result.stop_reason = reason;
  result.best_epoch = state_.progress.best_epoch;
  result.averaged = best_is_averaged(state_.progress);
  result.epochs = state_.progress.epoch;
  result.steps = state_.progress.step;
  result.wall_s = elapsed_s();
  result.history = state_.progress.history;
  put_best_into_model(reason);
  if (reason == StopReason::Interrupted) {
    // Someone waits for the program to end.
    result.signal = options_.signal->load();
    result.validation = best_validation_;
  } else {
    result.validation = *validator_.evaluate(pool_, nullptr);
    result.train = evaluate(model_, data_.train, pool_);
  }
  result.best = std::move(model_);
  return result;
}

}  // namespace redbud
