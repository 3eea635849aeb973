#pragma once
// Runs on toy data, and what they tell.
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "redbud/train/toy_data_test.h"
#include "redbud/train/trainer.h"

namespace redbud {

/// Remembers what it was told.
struct Recorder : Observer {
  std::vector<EpochReport> epochs;
  std::vector<StepReport> steps;
  std::vector<std::string> warnings;
  int starts = 0;
  std::function<void(const StepReport&)> at_step;

  void on_start(const Model&, const TrainConfig&, int64_t) override { ++starts; }
  void on_step(const StepReport& report) override {
    steps.push_back(report);
    if (at_step) at_step(report);
  }
  void on_epoch(const EpochReport& report) override { epochs.push_back(report); }
  void on_warning(const std::string& line) override { warnings.push_back(line); }
};

inline TrainResult train(const Toy& toy, Model model, const TrainConfig& config, Recorder& recorder,
                         const std::atomic<int>* signal = nullptr) {
  RunOptions options;
  options.observers = {&recorder};
  options.signal = signal;
  return run_training(std::move(model), *toy.train, *toy.validation, config, options);
}

inline TrainConfig config_for(int64_t epochs) {
  TrainConfig config;
  config.epochs = epochs;
  config.batch_size = 20;
  config.optimizer = adam({.learning_rate = 0.01});
  config.seed = 1;
  config.threads = 1;
  return config;
}

}  // namespace redbud
