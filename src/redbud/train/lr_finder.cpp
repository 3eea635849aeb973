#include "redbud/train/lr_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "redbud/core/text.h"
#include "redbud/losses/registry.h"
#include "redbud/train/data_fit.h"
#include "redbud/train/run_config.h"
#include "redbud/train/step.h"

namespace redbud {
namespace {

constexpr double kAsGood = 0.1;         // above the lowest loss
constexpr double kSafety = 4.0;         // a rate that is borne for a step is too high for many
constexpr double kSmoothing = 0.95;     // of the average of the losses
constexpr double kDivergedTimes = 4.0;  // the lowest average loss
constexpr int64_t kFewestPoints = 10;   // before a loss can be said to rise

double rate_of(const RangeTest& test, int64_t step) {
  return test.lowest *
         std::pow(test.highest / test.lowest, static_cast<double>(step) / static_cast<double>(test.steps - 1));
}

/// What a loss is measured in: its lowest value, or, where losses may be negative, how far it fell.
double scale_of(double first, double lowest) { return lowest > 0.0 ? lowest : std::max(-lowest, first - lowest); }

/// Watches an exponential average of the losses, its beginning corrected.
class Watch {
 public:
  /// Whether the last loss was too much.
  bool has_diverged(double loss) {
    sum_ = kSmoothing * sum_ + (1.0 - kSmoothing) * loss;
    weight_ = kSmoothing * weight_ + (1.0 - kSmoothing);
    const double average = sum_ / weight_;
    if (count_++ == 0) first_ = average;
    lowest_ = std::min(lowest_, average);
    const double too_much = lowest_ + (kDivergedTimes - 1.0) * scale_of(first_, lowest_);
    return count_ >= kFewestPoints && average > too_much;
  }

 private:
  double sum_ = 0.0;
  double weight_ = 0.0;
  int64_t count_ = 0;
  double first_ = 0.0;
  double lowest_ = INFINITY;
};

/// Of as many points on both sides, so that the curve is not shifted.
void smooth(std::vector<RangePoint>& points) {
  const size_t half = std::max<size_t>(1, points.size() / 16);
  for (size_t i = 0; i < points.size(); ++i) {
    const size_t reach = std::min({half, i, points.size() - 1 - i});
    double sum = 0.0;
    for (size_t k = i - reach; k <= i + reach; ++k) sum += points[k].loss;
    points[i].smoothed = sum / static_cast<double>(2 * reach + 1);
  }
}

/// Where the smoothed loss falls most over a stretch of the curve, before its lowest point.
size_t steepest_of(const std::vector<RangePoint>& points, size_t lowest) {
  const size_t half = std::max<size_t>(1, points.size() / 24);
  size_t steepest = 0;
  double most = 0.0;
  for (size_t i = 2 * half; i + half <= lowest; ++i) {  // the first points are means of few
    const double fall = points[i - half].smoothed - points[i + half].smoothed;
    if (fall <= most) continue;
    most = fall;
    steepest = i;
  }
  return steepest;
}

[[noreturn]] void refuse(const std::vector<RangePoint>& points) {
  throw Error(ErrorKind::Diverged,
              {.where = "range test",
               .fact = "the loss does not fall at any learning rate",
               .found = points.empty() ? ""
                                       : fmt::format("{} at {}", format_number(static_cast<float>(points.back().loss)),
                                                     format_number(static_cast<float>(points.back().learning_rate))),
               .hint = "look at the data and the initialiser; or begin at a lower rate: --lowest"});
}

}  // namespace

void check(const RangeTest& test) {
  if (test.lowest > 0.0 && test.lowest < test.highest && std::isfinite(test.highest) && test.steps >= kFewestPoints)
    return;
  throw Error(ErrorKind::Usage, {.where = "range test",
                                 .fact = "the range is none",
                                 .found = fmt::format("{} to {} in {} steps", format_number(test.lowest),
                                                      format_number(test.highest), test.steps),
                                 .expected = fmt::format("0 < lowest < highest, at least {} steps", kFewestPoints)});
}

RangeResult find_learning_rate(const Model& model, const SampleSource& train, const TrainConfig& config,
                               const RangeTest& test, const RunOptions& options) {
  check(test);
  check(config);
  require_fit(model, train, "training");
  require_trainable(model, train, config);
  Model trial = model;
  trial.values = trial.graph.make_store();
  trial.values.initialize(config.seed);
  OptimizerConfig optimizer_config = resolved(config.optimizer);
  optimizer_config.learning_rate = 1.0;  // the factor of a step is the rate then
  Optimizer optimizer(optimizer_config, trial.graph.parameter_layout());
  const BatchCut cut(train.rows(), config.batch_size);
  const StepperParts parts{.graph = trial.graph,
                           .loss = loss_from_config(trial.loss),
                           .values = trial.values,
                           .optimizer = optimizer,
                           .source = train,
                           .mixup = config.mixup};
  Stepper stepper(parts, cut, options.plan);
  std::optional<ThreadPool> own_pool;
  ThreadPool& pool = options.pool != nullptr ? *options.pool : own_pool.emplace(config.threads);

  Watch watch;
  std::vector<RangePoint> points;
  bool diverged = false;
  for (int64_t step = 0; step < test.steps && !diverged; ++step) {
    if (options.signal != nullptr && options.signal->load() != 0) return {.points = std::move(points)};
    const EpochOrder order(cut, train.rows(), config.seed, step / cut.steps());
    const StepContext context{.pool = pool, .seed = config.seed, .step = static_cast<uint64_t>(step)};
    const double rate = rate_of(test, step);
    try {
      const double loss = stepper.run(order, step % cut.steps(), context, rate).loss;
      points.push_back({.learning_rate = rate, .loss = loss});
      diverged = watch.has_diverged(loss);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Diverged) throw;
      diverged = true;
    }
  }
  return read_range(std::move(points), diverged);
}

RangeResult read_range(std::vector<RangePoint> points, bool diverged) {
  if (static_cast<int64_t>(points.size()) < kFewestPoints) refuse(points);
  smooth(points);
  const auto below = [](const RangePoint& a, const RangePoint& b) { return a.smoothed < b.smoothed; };
  const auto lowest = std::min_element(points.begin(), points.end(), below);
  if (lowest == points.begin()) refuse(points);
  auto good = points.end() - 1;
  const double as_good = lowest->smoothed + kAsGood * scale_of(points.front().smoothed, lowest->smoothed);
  while (good->smoothed > as_good) --good;
  RangeResult result;
  result.diverged = diverged;
  result.lowest_loss_at = lowest->learning_rate;
  result.highest_good = good->learning_rate;
  result.steepest = points[steepest_of(points, static_cast<size_t>(lowest - points.begin()))].learning_rate;
  result.learning_rate = result.highest_good / kSafety;
  result.points = std::move(points);
  return result;
}

}  // namespace redbud
