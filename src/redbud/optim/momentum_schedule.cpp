#include "redbud/optim/momentum_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/core/did_you_mean.h"
#include "redbud/core/error.h"
#include "redbud/core/text.h"
#include "redbud/optim/learning_rules.h"
#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

constexpr ScheduleKeys::Range kMomentum = {.least = 0.0, .most = 1.0, .open = true};

/// From one momentum to another, along the factor of a schedule that falls from 1.
class Ramp final : public MomentumSchedule {
 public:
  struct Config {
    double start, end;
    double over = 0.0;  // epochs; 0: the run's
    bool by_epoch = false;
  };
  Ramp(std::unique_ptr<Schedule> shape, const Config& config) : shape_(std::move(shape)), c_(config) {}

  double at(const RunPosition& position) const override {
    RunPosition at = position;
    if (c_.by_epoch) at.epoch = std::floor(at.epoch);
    if (c_.over > 0.0) at.epochs = c_.over;
    return c_.end + (c_.start - c_.end) * shape_->factor(at);
  }

 private:
  std::unique_ptr<Schedule> shape_;
  Config c_;
};

class Sutskever final : public MomentumSchedule {
 public:
  Sutskever(double steps, double end) : steps_(steps), end_(end) {}

  double at(const RunPosition& position) const override {
    return std::min(end_, 1.0 - 0.5 / (std::floor(static_cast<double>(position.step) / steps_) + 1.0));
  }

 private:
  double steps_;
  double end_;
};

struct Entry {
  std::string name;
  std::unique_ptr<Schedule> (*shape)(const ScheduleKeys&);  // null: not a ramp
  std::vector<std::string> keys;                            // those of the shape first
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> list = {
      {"none", nullptr, {}},
      {"piecewise", make_piecewise, {"epochs", "values", "start", "each"}},
      {"exponential", make_exponential, {"factor", "every", "start", "end", "each"}},
      {"power", make_power, {"power", "every", "start", "end", "each"}},
      {"polynomial", make_polynomial, {"power", "start", "end", "over", "each"}},
      {"cosine", make_cosine, {"every", "multiply", "start", "end", "over", "each"}},
      {"sutskever", nullptr, {"steps", "end"}},
  };
  return list;
}

const Entry& find_entry(const ConfigValue& name) {
  const std::string& word = name.as_text("momentum_schedule");
  for (const Entry& entry : entries()) {
    if (entry.name == word) return entry;
  }
  std::string hint = did_you_mean(word, momentum_schedule_names());
  if (word == "one_cycle") hint = "schedule = { name = \"one_cycle\", momentum = [0.95, 0.85] } has its own";
  throw Error(ErrorKind::Usage, {.where = name.where,
                                 .fact = "unknown momentum_schedule",
                                 .found = quote(word),
                                 .expected = fmt::format("one of {}", fmt::join(momentum_schedule_names(), ", ")),
                                 .hint = hint});
}

/// The shape's own table: without the momentums, which are not factors.
ConfigValue shape_config(const ConfigValue& config) {
  ConfigValue table{ConfigValue::Table{}};
  table.where = config.where;
  for (const ConfigEntry& entry : config.as_table("momentum_schedule")) {
    if (entry.key != "start" && entry.key != "end") table.set(entry.key, entry.value);
  }
  return table;
}

/// A piecewise schedule whose factors are the momentums, the first from epoch 0 on.
ConfigValue piecewise_config(const ScheduleKeys& keys, double start) {
  const std::vector<double> epochs = keys.numbers("epochs", {});
  const std::vector<double> values = keys.numbers("values", kMomentum);
  if (epochs.size() != values.size() || !std::is_sorted(epochs.begin(), epochs.end())) {
    keys.refuse("epochs and values don't fit", "as many values as epochs, the epochs in order");
  }
  ConfigValue::List borders = {0.0};
  ConfigValue::List factors = {start};
  borders.insert(borders.end(), epochs.begin(), epochs.end());
  factors.insert(factors.end(), values.begin(), values.end());
  ConfigValue table;
  table.set("epochs", std::move(borders));
  table.set("factors", std::move(factors));
  return table;
}

std::unique_ptr<MomentumSchedule> make_ramp(const Entry& entry, const ConfigValue& config, double own) {
  const ScheduleKeys keys(config, "momentum_schedule");
  Ramp::Config ramp{.start = keys.number("start", own, kMomentum), .end = 0.0, .by_epoch = keys.changes_by_epoch()};
  if (entry.name == "piecewise") {
    const ConfigValue table = piecewise_config(keys, ramp.start);
    ramp.start = 1.0;
    return std::make_unique<Ramp>(make_piecewise(ScheduleKeys(table, "momentum_schedule")), ramp);
  }
  if (!keys.has("end")) keys.refuse("end is not given", "the last momentum, as in end = 0.99");
  ramp.end = keys.number("end", 0.0, kMomentum);
  ramp.over = keys.number("over", 0.0, {});
  if (keys.has("over") && keys.has("every")) keys.refuse("over and every don't go together", "one of them");
  const ConfigValue shape = shape_config(config);
  return std::make_unique<Ramp>(entry.shape(ScheduleKeys(shape, "momentum_schedule")), ramp);
}

}  // namespace

std::vector<std::string> momentum_schedule_names() {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) names.push_back(entry.name);
  return names;
}

std::vector<std::string> momentum_schedule_keys() {
  std::vector<std::string> keys = {"name"};
  for (const Entry& entry : entries()) {
    for (const std::string& key : entry.keys) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

std::unique_ptr<MomentumSchedule> momentum_schedule_from_config(const ConfigValue& config, double own) {
  const ConfigValue* name = config.is_table() ? config.find("name") : &config;
  if (name == nullptr) {
    throw Error(ErrorKind::Usage, {.where = config.where,
                                   .fact = "a momentum_schedule has no name",
                                   .expected = "{ name = \"polynomial\", start = 0.5, end = 0.99 }"});
  }
  const Entry& entry = find_entry(*name);
  if (entry.name == "none") return nullptr;
  const ScheduleKeys keys(config, "momentum_schedule");
  keys.require_known(entry.name, entry.keys);
  if (entry.shape != nullptr) return make_ramp(entry, config, own);
  return std::make_unique<Sutskever>(keys.number("steps", 250.0, {.least = 1.0}), keys.number("end", 0.99, kMomentum));
}

double own_momentum(const OptimizerConfig& config) {
  const auto& keys = learning_rule(config.name).keys;
  return std::find(keys.begin(), keys.end(), "momentum") != keys.end() ? config.momentum : config.beta1;
}

void check_momentum(const ConfigValue& schedule, const ConfigValue& momentum_schedule,
                    const OptimizerConfig& optimizer) {
  const bool by_rate = schedule_from_config(schedule)->momentum({}).has_value();
  const bool by_itself = momentum_schedule_from_config(momentum_schedule, own_momentum(optimizer)) != nullptr;
  if (by_rate && by_itself) {
    throw Error(ErrorKind::Usage, {.where = momentum_schedule.where,
                                   .fact = "momentum_schedule does not go with the momentum of schedule",
                                   .found = "one_cycle with momentum",
                                   .expected = "one of them"});
  }
  if ((by_rate || by_itself) && !has_momentum(optimizer)) {
    throw Error(ErrorKind::Usage,
                {.where = by_rate ? schedule.where : momentum_schedule.where,
                 .fact = fmt::format("{} changes a momentum, and the optimizer has none that can be changed",
                                     by_rate ? "schedule" : "momentum_schedule"),
                 .found = optimizer.name,
                 .expected = "an optimizer with momentum or beta1"});
  }
}

}  // namespace redbud
