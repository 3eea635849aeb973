#include "redbud/train/run_config.h"

#include <fmt/format.h>

#include <cmath>

#include "redbud/core/checksum.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/optim/momentum_schedule.h"

namespace redbud {
namespace {

ConfigValue optimizer_config(const OptimizerConfig& given) {
  const OptimizerConfig c = resolved(given);
  ConfigValue table = to_config(c);
  table.set("learning_rate", c.learning_rate);
  table.set("clip_tensor_norm", c.clip_tensor_norm);
  table.set("clip_norm", c.clip_norm);
  table.set("clip_value", c.clip_value);
  table.set("l1", c.l1);
  table.set("l2", c.l2);
  table.set("weight_decay", c.weight_decay);
  table.set("max_norm", c.max_norm);
  if (!c.layers.empty()) table.set("layer", to_config(c.layers));
  return table;
}

[[noreturn]] void refuse(const char* key, std::string found, const char* expected) {
  throw Error(ErrorKind::Usage,
              {.fact = fmt::format("{} is out of range", key), .found = std::move(found), .expected = expected});
}

void check_at_least(const char* key, int64_t value, int64_t least, const char* expected) {
  if (value < least) refuse(key, fmt::format("{}", value), expected);
}

void check_seconds(const char* key, double value) {
  if (!(value >= 0.0)) refuse(key, format_number(value), "a number of at least 0");
}

}  // namespace

ConfigValue run_config(const Model& model, const TrainConfig& config, const PlanSettings& plan) {
  ConfigValue train;
  train.set("optimizer", optimizer_config(config.optimizer));
  train.set("schedule", config.schedule);
  if (!(config.momentum_schedule == ConfigValue("none"))) train.set("momentum_schedule", config.momentum_schedule);
  train.set("batch_size", config.batch_size);
  train.set("epochs", config.epochs);
  train.set("patience", config.patience);
  train.set("min_change", config.min_change);
  if (config.monitor != Monitor::Loss) train.set("monitor", std::string(to_string(config.monitor)));
  train.set("exact_statistics", static_cast<int64_t>(config.exact_statistics));
  train.set("mixup", config.mixup);
  train.set("weight_average", to_config(config.weight_average));
  train.set("seed", to_hex(config.seed));
  ConfigValue::List disabled;
  for (const std::string& pass : plan.disabled_passes) disabled.emplace_back(pass);
  ConfigValue table;
  table.set("network", to_config(model.graph));
  table.set("loss", model.loss);
  table.set("train", std::move(train));
  table.set("disabled_passes", std::move(disabled));
  table.set("reference_kernels", plan.kernels == kernels::KernelPolicy::ReferenceOnly);
  return table;
}

void check(const TrainConfig& config) {
  resolved(config.optimizer);
  check_momentum(config.schedule, config.momentum_schedule, config.optimizer);
  check_at_least("batch_size", config.batch_size, 1, "at least 1");
  check_at_least("epochs", config.epochs, 1, "at least 1");
  check_at_least("patience", config.patience, 0, "at least 0 (0: off)");
  if (!(config.min_change >= 0.0)) refuse("min_change", format_number(config.min_change), "a number of at least 0");
  if (!(config.weight_average.decay >= 0.0 && config.weight_average.decay < 1.0)) {
    refuse("weight_average", format_number(config.weight_average.decay), "a number in [0, 1) (0: off)");
  }
  if (!(config.mixup >= 0.0 && config.mixup <= 100.0)) {
    refuse("mixup", format_number(config.mixup), "a number from 0 (off) to 100");
  }
  check_at_least("threads", config.threads, 0, "at least 0 (0: what the process is granted)");
  check_seconds("time_limit_s", config.time_limit_s);
  check_seconds("checkpoint_every_s", config.checkpoint_every_s);
}

}  // namespace redbud
