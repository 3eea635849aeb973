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
/// a cosine. The momentum, where it is given, goes the other way. Source  Smith, Topin 2018 (arXiv 1708.07120);
/// PyTorch's OneCycleLR, whose constants these are
class OneCycle final : public Schedule {
 public:
  struct Momentum {
    double outside, at_peak;
  };
  struct Config {
    double start, peak, end;
    std::optional<Momentum> momentum;
  };
  explicit OneCycle(const Config& config) : c_(config) {}

  double factor(const RunPosition& position) const override {
    const double at = position.epoch / position.epochs;
    return along(at, c_.start, 1.0, c_.end);
  }
  std::optional<double> momentum(const RunPosition& position) const override {
    if (!c_.momentum) return std::nullopt;
    return along(position.epoch / position.epochs, c_.momentum->outside, c_.momentum->at_peak, c_.momentum->outside);
  }

 private:
  double along(double at, double start, double top, double end) const {
    return at < c_.peak ? along_cosine(start, top, at / c_.peak)
                        : along_cosine(top, end, (at - c_.peak) / (1.0 - c_.peak));
  }

  Config c_;
};

std::optional<OneCycle::Momentum> momentum_of(const ScheduleKeys& keys) {
  if (!keys.has("momentum")) return std::nullopt;
  const std::vector<double> both = keys.numbers("momentum", {.most = 0.9999});
  if (both.size() != 2) keys.refuse("momentum is not a pair", "[0.95, 0.85]: at both ends, and at the peak");
  return OneCycle::Momentum{both[0], both[1]};
}

}  // namespace

std::unique_ptr<Schedule> make_one_cycle(const ScheduleKeys& keys) {
  return std::make_unique<OneCycle>(OneCycle::Config{.start = keys.number("start", 0.04, {.most = 1.0}),
                                                     .peak = keys.number("peak", 0.3, {0.0, 0.999}),
                                                     .end = keys.number("end", 4e-6, {.most = 1.0}),
                                                     .momentum = momentum_of(keys)});
}

}  // namespace redbud
