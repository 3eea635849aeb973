#include <cmath>

#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

/// (1 + epoch / every)^-power: falls quickly at first, then more and more slowly.
class Power final : public Schedule {
 public:
  Power(double power, double every) : power_(power), every_(every) {}

  double factor(const RunPosition& position) const override { return std::pow(1.0 + position.epoch / every_, -power_); }

 private:
  double power_;
  double every_;  // epochs
};

}  // namespace

std::unique_ptr<Schedule> make_power(const ScheduleKeys& keys) {
  return std::make_unique<Power>(keys.number("power", 1.0, {.least = 1e-3, .most = 100.0}),
                                 keys.number("every", 20.0, {.least = 1e-3}));
}

}  // namespace redbud
