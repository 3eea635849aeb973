#include <algorithm>
#include <cmath>

#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

/// From 1 to `end` over the run: end + (1 - end) * (1 - epoch / epochs)^power; a straight line, if nothing is given.
class Polynomial final : public Schedule {
 public:
  Polynomial(double power, double end) : power_(power), end_(end) {}

  double factor(const RunPosition& position) const override {
    const double left = std::max(0.0, 1.0 - position.epoch / position.epochs);
    return end_ + (1.0 - end_) * std::pow(left, power_);
  }

 private:
  double power_;
  double end_;
};

}  // namespace

std::unique_ptr<Schedule> make_polynomial(const ScheduleKeys& keys) {
  return std::make_unique<Polynomial>(keys.number("power", 1.0, {.least = 1e-3, .most = 100.0}),
                                      keys.number("end", 0.0, {.most = 1.0}));
}

}  // namespace redbud
