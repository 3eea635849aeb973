#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"

namespace redbud {

/// Where a step lies in its run, and what the run has learned of its own progress.
struct RunPosition {
  double epoch = 0.0;   // completed, with the share of the one that runs: 2.5 is the middle of the third
  double epochs = 1.0;  // of the whole run
  int64_t step = 0;     // completed, of the whole run
  int64_t drops = 0;    // of a schedule that watches the score: how often it has dropped the rate
};

/// The learning rate along a run, as a factor on `learning_rate`. A schedule is a function of the position alone, so a
/// resume lands in its middle without any state of its own.
class Schedule {
 public:
  virtual ~Schedule() = default;

  virtual double factor(const RunPosition& position) const = 0;
  /// What stands for the optimizer's momentum or beta1, where the schedule changes that, too.
  virtual std::optional<double> momentum(const RunPosition&) const { return std::nullopt; }
  /// Epochs without a better score after which the rate drops; 0: the score doesn't matter.
  virtual int64_t patience() const { return 0; }
};

/// none piecewise plateau exponential power polynomial cosine one_cycle
std::vector<std::string> schedule_names();
/// All keys that a schedule's table may have, "name" first.
std::vector<std::string> schedule_keys();

/// From "cosine" or { name = "cosine", end = 0.01, warmup = 2 }. Every schedule takes `warmup`: so many epochs at the
/// beginning in which the rate rises evenly from 0, before the schedule begins; and `each`: "step" or "epoch", how
/// often the rate changes. Throws  Error{Usage}: unknown name or key, value out of range
std::unique_ptr<Schedule> schedule_from_config(const ConfigValue& config);

}  // namespace redbud
