#pragma once
// The schedules, one file each; registry.cpp lists them.
#include <memory>
#include <string>
#include <vector>

#include "redbud/optim/schedule.h"

namespace redbud {

/// The table of a schedule while it is read: every value in its range, each with its default.
class ScheduleKeys {
 public:
  /// `what` is the key of the run file, for messages.
  explicit ScheduleKeys(const ConfigValue& config, std::string what = "schedule")
      : config_(config), what_(std::move(what)) {}

  struct Range {
    double least = 0.0;
    double most = 1e9;
    bool open = false;  // most is not in it

    bool has(double value) const { return value >= least && (open ? value < most : value <= most); }
  };
  double number(const char* key, double otherwise, const Range& range) const;
  bool has(const char* key) const { return find(key) != nullptr; }
  /// At least one number, each in the range.
  std::vector<double> numbers(const char* key, const Range& range) const;
  /// each = "epoch" rather than "step".
  bool changes_by_epoch() const;
  /// Throws  Error{Usage}: a key that is neither "name" nor one of these, of the schedule `name`
  void require_known(const std::string& name, const std::vector<std::string>& keys) const;
  [[noreturn]] void refuse(const std::string& fact, const std::string& expected) const;

 private:
  const ConfigValue* find(const char* key) const { return config_.is_table() ? config_.find(key) : nullptr; }

  const ConfigValue& config_;
  std::string what_;
};

std::unique_ptr<Schedule> make_piecewise(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_plateau(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_exponential(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_power(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_polynomial(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_cosine(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_one_cycle(const ScheduleKeys& keys);

}  // namespace redbud
