#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "redbud/core/error.h"
#include "redbud/data/class_weights.h"
#include "redbud/data/recipe.h"
#include "redbud/graph/model.h"
#include "redbud/kernels/kernel.h"
#include "redbud/optim/optimizer.h"
#include "redbud/optim/schedule.h"
#include "redbud/train/layer_health.h"
#include "redbud/train/metrics.h"
#include "redbud/train/monitor.h"

namespace redbud {

enum class StopReason { Epochs, Patience, TimeLimit, Interrupted, Diverged };
std::string_view to_string(StopReason reason);  // "epochs", "patience", "time_limit", "interrupted", "diverged"

/// Whether batch normalisation's statistics are made anew, over the training set, for weights that are judged or kept
/// (train/exact_statistics.h). Auto: where the running averages are known to be off.
enum class StatisticsRule { Auto, Always, Never };

/// An average of the weights, judged beside them: weight_average of a run file.
struct WeightAverageConfig {
  WeightAverageConfig(double ema_decay = 0.0) : kind(ema_decay == 0.0 ? Kind::None : Kind::Ema), decay(ema_decay) {}

  enum class Kind { None, Ema, Swa } kind;
  double decay;            // ema: a step
  double start = 0.75;     // swa: after so much of the run
  bool each_epoch = true;  // swa: of the weights at the ends of epochs; else of those along the way
};
/// From 0.999, "swa", { kind = "swa", start = 0.75, each = "epoch" } or { kind = "ema", decay = 0.999 }, and back.
/// Throws  Error{Usage}: unknown kind or key, value out of range
WeightAverageConfig weight_average_from_config(const ConfigValue& config);
ConfigValue to_config(const WeightAverageConfig& config);

/// [train] of a run file, resolved (no "auto" left).
struct TrainConfig {
  OptimizerConfig optimizer = {};
  ConfigValue schedule = "none";           // of the learning rate: optim/schedule.h
  ConfigValue momentum_schedule = "none";  // optim/momentum_schedule.h
  int64_t batch_size = 32;
  int64_t epochs = 50;
  int64_t patience = 10;    // 0 = off
  double min_change = 0.0;  // of what `monitor` watches: smaller ones don't count for patience
  Monitor monitor = Monitor::Loss;
  StatisticsRule exact_statistics = StatisticsRule::Auto;
  double mixup = 0.0;  // alpha of the Beta distribution; 0 = off (train/mixup.h)
  WeightAverageConfig weight_average = 0.0;
  uint64_t seed = 42;
  int threads = 0;            // 0 = granted
  double time_limit_s = 0.0;  // 0 = none
  double checkpoint_every_s = 10.0;
  bool health = true;  // look once an epoch how each layer fares
};

/// How plans are built; for measurements and to look for faults.
struct PlanSettings {
  kernels::KernelPolicy kernels = kernels::KernelPolicy::Fastest;
  std::vector<std::string> disabled_passes;
};

/// What observers are told. All are called on the training thread, between steps.
struct EpochReport {
  int64_t epoch = 0;  // 1 for the first
  int64_t step = 0;
  double train_loss = 0.0;  // mean over the epoch's steps
  Metrics validation;
  double score = 0.0;  // what early stopping compares, by default the validation loss: smaller is better
  bool best = false;
  bool averaged = false;       // the average of the weights was better than they are
  double learning_rate = 0.0;  // of the epoch's last step
  double elapsed_s = 0.0;      // training time, of all parts of the run together
  double samples_per_s = 0.0;
  std::vector<LayerHealth> health;  // one a layer with weights; empty where it is off
};
struct StepReport {
  int64_t epoch = 0;
  int64_t step = 0;
  int64_t step_in_epoch = 0;
  int64_t steps_per_epoch = 0;
  double loss = 0.0;
  double gradient_norm = 0.0;
};
/// Where a run goes on that was stopped or killed.
struct ResumeReport {
  int64_t epoch = 0;  // completed
  int64_t step = 0;
  int64_t log_bytes = 0;   // what flush() had given when the checkpoint was written: a log is cut back to that
  std::string checkpoint;  // the file
};
class Observer {
 public:
  virtual ~Observer() = default;
  /// Before on_start, only where the run goes on from a checkpoint.
  virtual void on_resume(const ResumeReport&) {}
  /// The model is the one that is trained: it stays where it is, with the values of the last step, until training ends.
  virtual void on_start(const Model&, const TrainConfig&, int64_t /*steps_per_epoch*/) {}
  virtual void on_step(const StepReport&) {}
  virtual void on_epoch(const EpochReport&) {}
  /// A fact for the console, or the text of a warning (without "redbud: warning: ").
  virtual void on_message(const std::string& /*line*/) {}
  virtual void on_warning(const std::string& line) { on_message(line); }
  /// Before a checkpoint is written: what must last is written now. Gives the size of the log then, or -1 (no log
  /// here).
  virtual int64_t flush() { return -1; }
};

struct TrainResult {
  Model best;  // the best weights, statistics recomputed where that was needed
  StopReason stop_reason = StopReason::Epochs;
  std::optional<Error> divergence = {};  // with StopReason::Diverged: the step that was refused
  int64_t best_epoch = 0;
  bool averaged = false;  // the best are an average of the weights
  int64_t epochs = 0;     // completed
  int64_t steps = 0;
  double wall_s = 0.0;
  Metrics train, validation;  // of the best weights; where a signal ended the run: train not measured, validation as
                              // far as known (rows 0: not)
  int signal = 0;             // that ended it
  ConfigValue history;        // a list, one table an epoch: epoch, step, train_loss, best, averaged, validation
};

/// The ten-line program's call: fits the recipe on `train`, draws the weights, trains, gives the best.
/// Throws  Error{Usage}: a value out of range, class weights that don't fit the classes
struct FitConfig {
  OptimizerConfig optimizer = adam();
  ConfigValue schedule = "none";
  ConfigValue momentum_schedule = "none";
  int64_t batch_size = 32;
  int64_t epochs = 50;
  int64_t patience = 10;
  double mixup = 0.0;
  ClassWeights class_weights = {};  // of both data sets' rows: the best epoch is chosen by the loss that is minimised
  WeightAverageConfig weight_average = 0.999;
  uint64_t seed = 42;
  int threads = 0;
  MissingPolicy missing = MissingPolicy::Mean;
  std::vector<Observer*> observers = {};
};
TrainResult fit(Model model, const Dataset& train, const Dataset& validation, const FitConfig& config = {});

/// A run with all its machinery: checkpoints in a folder, resume, signals, observers.
struct RunOptions {
  Path folder;  // "" = nothing is written; else checkpoints go to <folder>/checkpoints
  std::vector<Observer*> observers;
  const std::atomic<int>* signal = nullptr;  // set by a handler: finish the step, save, stop
  ThreadPool* pool = nullptr;                // null: one of config.threads
  PlanSettings plan = {};
};

/// Starts at step 0 with freshly drawn weights (model.values is laid out and drawn here), or, where `folder` has a
/// checkpoint, goes on from it: the same bits as if it had never stopped. A step whose loss or gradients are
/// not finite ends it; the result then has the best weights of the epochs before. Throws  Error{Diverged}: there were
/// none; names step, first bad layer, learning rate; Error{Environment}: the final save failed; Error{Verification}:
/// all checkpoints are bad
TrainResult run_training(Model model, const SampleSource& train, const SampleSource& validation,
                         const TrainConfig& config, const RunOptions& options);

}  // namespace redbud
