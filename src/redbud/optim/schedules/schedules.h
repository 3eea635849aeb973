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
  explicit ScheduleKeys(const ConfigValue& config) : config_(config) {}

  struct Range {
    double least = 0.0;
    double most = 1e9;
  };
  double number(const char* key, double otherwise, const Range& range) const;
  bool has(const char* key) const { return config_.is_table() && config_.find(key) != nullptr; }
  /// At least one number, each in the range.
  std::vector<double> numbers(const char* key, const Range& range) const;
  [[noreturn]] void refuse(const std::string& fact, const std::string& expected) const;

 private:
  const ConfigValue& config_;
};

std::unique_ptr<Schedule> make_piecewise(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_plateau(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_exponential(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_power(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_polynomial(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_cosine(const ScheduleKeys& keys);
std::unique_ptr<Schedule> make_one_cycle(const ScheduleKeys& keys);

}  // namespace redbud
