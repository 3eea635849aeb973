#include <cmath>

#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

/// Performance scheduling: each time when the score has not become better for some epochs.
class Plateau final : public Schedule {
 public:
  Plateau(double factor, int64_t patience, double end) : factor_(factor), patience_(patience), end_(end) {}

  double factor(const RunPosition& position) const override {
    return std::max(end_, std::pow(factor_, static_cast<double>(position.drops)));
  }
  int64_t patience() const override { return patience_; }

 private:
  double factor_;
  int64_t patience_;
  double end_;
};

}  // namespace

std::unique_ptr<Schedule> make_plateau(const ScheduleKeys& keys) {
  return std::make_unique<Plateau>(keys.number("factor", 0.5, {1e-6, 1.0 - 1e-6}),
                                   static_cast<int64_t>(keys.number("patience", 5.0, {.least = 1.0})),
                                   keys.number("end", 0.0, {.most = 1.0}));
}

}  // namespace redbud
