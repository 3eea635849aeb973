// What a training gives: the best weights, and how good they are.
#include <cstring>

#include "redbud/losses/registry.h"
#include "redbud/train/training.h"

namespace redbud {

/// Where no epoch was completed there is no best: then the present weights are given, unless they are of no use.
void Training::put_best_into_model(StopReason reason) {
  if (state_.progress.best_epoch > 0) {
    std::memcpy(model_.values.parameter_memory().data(), best_.parameter_memory().data(),
                static_cast<size_t>(best_.parameter_memory().bytes()));
    if (best_.buffer_memory().bytes() > 0) {
      std::memcpy(model_.values.buffer_memory().data(), best_.buffer_memory().data(),
                  static_cast<size_t>(best_.buffer_memory().bytes()));
    }
    return;
  }
  if (state_.progress.epoch > 0) {
    throw Error(ErrorKind::Diverged, {.where = "training",
                                      .fact = "no epoch had a finite validation loss",
                                      .hint = "lower learning_rate, or set clip_norm = 1"});
  }
  if (reason != StopReason::Interrupted) validator_.run(order(), context(), nullptr);
}

TrainResult Training::result(StopReason reason) {
  TrainResult result;
  result.stop_reason = reason;
  result.best_epoch = state_.progress.best_epoch;
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
