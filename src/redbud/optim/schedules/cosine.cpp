#include <cmath>
#include <numbers>

#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

/// Half a cosine from 1 to `end`, over the whole run, or over `every` epochs and then anew, each time over `multiply`
/// times as many. Source  Loshchilov, Hutter 2017 (arXiv 1608.03983)
class Cosine final : public Schedule {
 public:
  Cosine(double every, double multiply, double end) : every_(every), multiply_(multiply), end_(end) {}

  double factor(const RunPosition& position) const override {
    double length = every_ > 0.0 ? every_ : position.epochs;
    double at = position.epoch;
    if (every_ > 0.0 && multiply_ == 1.0) at = std::fmod(at, every_);
    if (every_ > 0.0 && multiply_ > 1.0) {
      for (; at >= length; length *= multiply_) at -= length;
    }
    const double share = std::min(1.0, at / length);
    return end_ + (1.0 - end_) * 0.5 * (1.0 + std::cos(std::numbers::pi * share));
  }

 private:
  double every_;  // epochs; 0: the run's
  double multiply_;
  double end_;
};

}  // namespace

std::unique_ptr<Schedule> make_cosine(const ScheduleKeys& keys) {
  const double every = keys.number("every", 0.0, {});
  if (every > 0.0 && every < 1e-3) keys.refuse("every is out of range", "0 (the whole run), or at least 0.001 epochs");
  return std::make_unique<Cosine>(every, keys.number("multiply", 1.0, {1.0, 100.0}),
                                  keys.number("end", 0.0, {.most = 1.0}));
}

}  // namespace redbud
