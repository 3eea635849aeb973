#include <algorithm>
#include <cmath>
#include <numbers>

#include "redbud/optim/schedules/schedules.h"

namespace redbud {
namespace {

double along_cosine(double from, double to, double share) {
  return to + (from - to) * 0.5 * (1.0 + std::cos(std::numbers::pi * std::clamp(share, 0.0, 1.0)));
}

/// Up from `start` to 1, the greatest rate, over the first `peak` share of the run, then down to `end`; both along half
/// a cosine. Source  Smith, Topin 2018 (arXiv 1708.07120); PyTorch's OneCycleLR, whose constants these are
class OneCycle final : public Schedule {
 public:
  OneCycle(double start, double peak, double end) : start_(start), peak_(peak), end_(end) {}

  double factor(const RunPosition& position) const override {
    const double at = position.epoch / position.epochs;
    return at < peak_ ? along_cosine(start_, 1.0, at / peak_) : along_cosine(1.0, end_, (at - peak_) / (1.0 - peak_));
  }

 private:
  double start_;
  double peak_;
  double end_;
};

}  // namespace

std::unique_ptr<Schedule> make_one_cycle(const ScheduleKeys& keys) {
  return std::make_unique<OneCycle>(keys.number("start", 0.04, {.most = 1.0}), keys.number("peak", 0.3, {0.0, 0.999}),
                                    keys.number("end", 4e-6, {.most = 1.0}));
}

}  // namespace redbud
