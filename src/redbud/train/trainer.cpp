#include "redbud/train/trainer.h"

#include "redbud/losses/choose_loss.h"
#include "redbud/losses/registry.h"
#include "redbud/train/training.h"

namespace redbud {

std::string_view to_string(StopReason reason) {
  switch (reason) {
    case StopReason::Epochs:
      return "epochs";
    case StopReason::Patience:
      return "patience";
    case StopReason::TimeLimit:
      return "time_limit";
    case StopReason::Interrupted:
      return "interrupted";
    case StopReason::Diverged:
      break;
  }
  return "diverged";
}

TrainResult run_training(Model model, const SampleSource& train, const SampleSource& validation,
                         const TrainConfig& config, const RunOptions& options) {
  return Training(std::move(model), {train, validation}, config, options).run();
}

TrainResult fit(Model model, const Dataset& train, const Dataset& validation, const FitConfig& config) {
  model.recipe = fit_recipe(train, config.missing, nullptr, target_scaling(*loss_from_config(model.loss)));
  const std::vector<double> weights = class_weights(config.class_weights, train);
  const auto train_rows = with_class_weights(encode(train, model.recipe), weights);
  const auto validation_rows = with_class_weights(encode(validation, model.recipe), weights);
  TrainConfig training{.optimizer = config.optimizer};
  training.batch_size = config.batch_size;
  training.optimizer.batch_size = config.batch_size;
  training.epochs = config.epochs;
  training.patience = config.patience;
  training.schedule = config.schedule;
  training.momentum_schedule = config.momentum_schedule;
  training.mixup = config.mixup;
  training.weight_average = config.weight_average;
  training.seed = config.seed;
  training.threads = config.threads;
  RunOptions options;
  options.observers = config.observers;
  return run_training(std::move(model), *train_rows, *validation_rows, training, options);
}

}  // namespace redbud
