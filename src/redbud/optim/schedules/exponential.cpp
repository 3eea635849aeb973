#include <cmath>

#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

/// factor^(epoch / every): 10 times less after every 20 epochs, if nothing is given.
class Exponential final : public Schedule {
 public:
  Exponential(double factor, double every) : factor_(factor), every_(every) {}

  double factor(const RunPosition& position) const override { return std::pow(factor_, position.epoch / every_); }

 private:
  double factor_;
  double every_;  // epochs
};

}  // namespace

std::unique_ptr<Schedule> make_exponential(const ScheduleKeys& keys) {
  return std::make_unique<Exponential>(keys.number("factor", 0.1, {1e-9, 1.0}),
                                       keys.number("every", 20.0, {.least = 1e-3}));
}

}  // namespace redbud
