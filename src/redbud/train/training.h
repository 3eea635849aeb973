#pragma once
#include <memory>
#include <optional>

#include "redbud/optim/momentum_schedule.h"
#include "redbud/train/checkpointer.h"
#include "redbud/train/health_probe.h"
#include "redbud/train/illness.h"
#include "redbud/train/pool_choice.h"
#include "redbud/train/step.h"
#include "redbud/train/validator.h"

namespace redbud {

/// A training from its first to its last step: what run_training makes, and runs once.
class Training {
 public:
  struct Data {
    const SampleSource& train;
    const SampleSource& validation;
  };
  Training(Model model, const Data& data, const TrainConfig& config, const RunOptions& options);

  TrainResult run();

 private:
  // training_begin.cpp
  void begin();
  bool resume();
  void warn_of_too_many_parameters() const;
  void warn_of_patience_before_average() const;

  // training.cpp
  std::optional<StopReason> reason_to_stop() const;
  bool must_stop() const;
  void run_epoch();
  void make_step(const EpochOrder& order);
  void finish_epoch(const EpochOrder& order);
  void keep_best(const Validator::Verdict& verdict);
  void note_epoch(const EpochReport& report);
  void save();
  void save_last();
  void prepare_to_save();

  // training_end.cpp
  TrainResult result(StopReason reason);
  void put_best_into_model(StopReason reason);

  bool is_interrupted() const { return options_.signal != nullptr && options_.signal->load() != 0; }
  double elapsed_s() const { return elapsed_before_s_ + watch_.seconds(); }
  UpdateRates rates(int64_t step_in_epoch) const;
  void drop_rate_on_plateau(bool better);
  EpochOrder order() const { return {cut_, data_.train.rows(), config_.seed, state_.progress.epoch}; }
  StepContext context() { return context_on(pool_); }
  StepContext context_on(ThreadPool& pool) {
    return {.pool = pool, .seed = config_.seed, .step = static_cast<uint64_t>(state_.progress.step)};
  }

  Model model_;
  Data data_;
  TrainConfig config_;
  RunOptions options_;
  std::unique_ptr<ThreadPool> own_pool_;
  ThreadPool& pool_;
  PoolChoice pool_choice_;  // of a step
  Announcer announcer_;
  BatchCut cut_;
  Optimizer optimizer_;
  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<MomentumSchedule> momentum_schedule_;  // null: none
  WeightAverage average_;
  ParameterStore best_;
  Metrics best_validation_;  // where this process saw the best epoch
  TrainState state_;
  Fingerprint fingerprint_;
  Checkpointer checkpointer_;
  Stepper stepper_;
  std::unique_ptr<HealthProbe> probe_;
  IllnessWords illness_words_;
  Validator validator_;
  Stopwatch watch_;
  double elapsed_before_s_ = 0.0;  // of earlier parts of the run
  Stopwatch epoch_watch_;
  int64_t epoch_rows_ = 0;  // since epoch_watch_ was started
};

}  // namespace redbud
