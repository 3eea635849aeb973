// What comes before the first step: checks, memory, plans, the checkpoint to go on from.
#include <fmt/format.h>

#include <algorithm>

#include "redbud/core/text.h"
#include "redbud/kernels/target.h"
#include "redbud/losses/registry.h"
#include "redbud/train/data_checksum.h"
#include "redbud/train/data_fit.h"
#include "redbud/train/run_config.h"
#include "redbud/train/training.h"

namespace redbud {
namespace {

constexpr int64_t kFarMore = 10;  // times as many parameters as numbers in the training rows: then a warning is due

/// Everything that can be refused is refused before memory is asked for.
Model prepared(Model model, const Training::Data& data, const TrainConfig& config) {
  check(config);
  require_fit(model, data.train, "training");
  require_fit(model, data.validation, "validation");
  require_trainable(model, data.train, config);
  require_metric(model, config.monitor);
  model.values = model.graph.make_store();
  model.values.initialize(config.seed);
  return model;
}

std::unique_ptr<ThreadPool> make_pool(const TrainConfig& config, const RunOptions& options) {
  return options.pool != nullptr ? nullptr : std::make_unique<ThreadPool>(config.threads);
}

int64_t numbers_a_row(const BatchType& type) {
  int64_t numbers = 0;
  for (const BlockType& block : type.inputs) numbers += block.width();
  return numbers;
}

}  // namespace

Training::Training(Model model, const Data& data, const TrainConfig& config, const RunOptions& options)
    : model_(prepared(std::move(model), data, config)),
      data_(data),
      config_(config),
      options_(options),
      own_pool_(make_pool(config, options)),
      pool_(options.pool != nullptr ? *options.pool : *own_pool_),
      pool_choice_(pool_),
      announcer_(options.observers),
      cut_(data.train.rows(), config.batch_size),
      optimizer_(config.optimizer, model_.graph.parameter_layout()),
      schedule_(schedule_from_config(config.schedule)),
      momentum_schedule_(momentum_schedule_from_config(config.momentum_schedule, own_momentum(config.optimizer))),
      average_(config.weight_average, {.epochs = config.epochs, .steps_per_epoch = cut_.steps()}, model_.values),
      best_(model_.values),
      state_{.progress = {},
             .values = model_.values,
             .best = best_,
             .optimizer = optimizer_,
             .average = average_.is_on() ? &average_.memory() : nullptr},
      checkpointer_({.folder = options.folder, .every_s = config.checkpoint_every_s, .announcer = announcer_}),
      stepper_({.graph = model_.graph,
                .loss = loss_from_config(model_.loss),
                .values = model_.values,
                .optimizer = optimizer_,
                .source = data.train,
                .mixup = config.mixup},
               cut_, options.plan),
      probe_(config.health ? std::make_unique<HealthProbe>(model_.graph, model_.values, cut_) : nullptr),
      validator_({.evaluator = {.graph = model_.graph,
                                .loss = loss_from_config(model_.loss),
                                .values = model_.values,
                                .recipe = model_.recipe,
                                .source = data.validation,
                                .plan = options.plan,
                                .watched = probe_ ? watched_nodes(model_.graph) : std::vector<int>{}},
                  .values = model_.values,
                  .average = average_,
                  .optimizer = optimizer_,
                  .stepper = stepper_,
                  .statistics = config.exact_statistics,
                  .monitor = config.monitor,
                  .activations = probe_ ? &probe_->activations() : nullptr},
                 cut_) {
  state_.progress.seed = config.seed;
  state_.progress.history = ConfigValue::List{};
}

void Training::begin() {
  if (!options_.folder.empty()) {
    fingerprint_.config = run_config(model_, config_, options_.plan);
    fingerprint_.data = data_checksum({&data_.train, &data_.validation}, pool_);
    fingerprint_.target = kernels::current_target();
    fingerprint_.version = REDBUD_VERSION;
  }
  const bool resumed = resume();
  if (!resumed) checkpointer_.require_space(state_, fingerprint_);
  announcer_.tell([&](Observer& o) { o.on_start(model_, config_, cut_.steps()); });
  if (const std::string notes = optimizer_.explain(); !notes.empty()) {
    announcer_.message(notes.substr(0, notes.size() - 1));
  }
  if (!resumed) warn_of_too_many_parameters();
  if (!resumed) warn_of_patience_before_average();
  watch_.restart();
  epoch_watch_.restart();
}

bool Training::resume() {
  const std::optional<Checkpoint> checkpoint = checkpointer_.read_newest();
  if (!checkpoint) return false;
  require_same_run(checkpoint->fingerprint, fingerprint_, options_.folder.string());
  restore(*checkpoint, state_);
  elapsed_before_s_ = state_.progress.elapsed_s;
  if (const std::string other = other_bits(checkpoint->fingerprint, fingerprint_); !other.empty()) {
    announcer_.warning("the checkpoint was written by another program (" + other + "): not bit-exact");
  }
  const ResumeReport report{.epoch = state_.progress.epoch,
                            .step = state_.progress.step,
                            .log_bytes = state_.progress.log_bytes,
                            .checkpoint = checkpoint->where};
  announcer_.tell([&](Observer& o) { o.on_resume(report); });
  return true;
}

void Training::warn_of_patience_before_average() const {
  const WeightAverageConfig& average = config_.weight_average;
  const auto epochs = static_cast<double>(config_.epochs);
  if (average.kind != WeightAverageConfig::Kind::Swa || config_.patience == 0) return;
  if (average.start * epochs <= static_cast<double>(config_.patience)) return;
  announcer_.warning(
      fmt::format("weight_average begins after {:.4g} of {} epochs, and patience = {} may end the run "
                  "before; set patience = 0, or weight_average.start to less",
                  average.start * epochs, config_.epochs, config_.patience));
}

void Training::warn_of_too_many_parameters() const {
  const int64_t parameters = model_.graph.parameter_count();
  const int64_t numbers = data_.train.rows() * numbers_a_row(data_.train.type());
  if (parameters / kFarMore <= numbers) return;
  announcer_.warning(
      fmt::format("the network has {} parameters, but the training rows hold {} numbers, so it may learn them by "
                  "heart; use dropout, l2, early stopping (patience) or fewer units",
                  with_thousands(parameters), with_thousands(numbers)));
}

}  // namespace redbud
