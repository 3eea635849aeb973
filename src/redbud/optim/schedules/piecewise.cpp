#include <algorithm>

#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

/// factors[i] from the i-th border on, 1 before the first.
class Piecewise final : public Schedule {
 public:
  Piecewise(std::vector<double> borders, std::vector<double> factors)
      : borders_(std::move(borders)), factors_(std::move(factors)) {}

  double factor(const RunPosition& position) const override {
    const auto passed = std::upper_bound(borders_.begin(), borders_.end(), position.epoch) - borders_.begin();
    return passed == 0 ? 1.0 : factors_[static_cast<size_t>(passed - 1)];
  }

 private:
  std::vector<double> borders_;  // epochs
  std::vector<double> factors_;
};

}  // namespace

std::unique_ptr<Schedule> make_piecewise(const ScheduleKeys& keys) {
  std::vector<double> borders = keys.numbers("epochs", {});
  std::vector<double> factors = keys.numbers("factors", {});
  if (borders.size() != factors.size() || !std::is_sorted(borders.begin(), borders.end())) {
    keys.refuse("epochs and factors don't fit", "as many factors as epochs, the epochs in order");
  }
  return std::make_unique<Piecewise>(std::move(borders), std::move(factors));
}

}  // namespace redbud
