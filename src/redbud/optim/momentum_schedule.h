#pragma once
#include <memory>
#include <string>
#include <vector>

#include "redbud/optim/optimizer.h"
#include "redbud/optim/schedule.h"

namespace redbud {

/// The optimizer's momentum along a run: what stands for `momentum` or `beta1` in a step. A function of the position
/// alone, as schedules of the rate are, so that a resume lands in its middle.
class MomentumSchedule {
 public:
  virtual ~MomentumSchedule() = default;
  virtual double at(const RunPosition& position) const = 0;
};

/// none piecewise exponential power polynomial cosine sutskever
std::vector<std::string> momentum_schedule_names();
/// All keys that the table of one may have, "name" first.
std::vector<std::string> momentum_schedule_keys();

/// From "none", which gives null, or a table. f is the factor of the rate's schedule of that name, 1 at first:
///
///   piecewise    values[i] from epochs[i] on, `start` before the first
///   exponential, power, polynomial, cosine    end + (start - end) * f; the last two over the whole run, or `over` so
///                many epochs
///   sutskever    min(1 - 1 / (2 * (floor(t / steps) + 1)), end) after t steps
///
/// `start` is `own` where it isn't given. Each but sutskever takes `each`: "step" or "epoch", how often it changes.
/// Source  Sutskever et al. 2013, section 3 (mu_t = min(1 - 2^(-1 - log2(floor(t / 250) + 1)), mu_max), which is the
/// same); a straight line over the first epochs: Hinton et al. 2012 (arXiv 1207.0580), appendix A.1
/// Throws  Error{Usage}: unknown name or key, a momentum outside of [0, 1)
std::unique_ptr<MomentumSchedule> momentum_schedule_from_config(const ConfigValue& config, double own);

/// The momentum or beta1 that a rule has without a schedule.
double own_momentum(const OptimizerConfig& config);

/// Throws  Error{Usage}: the optimizer has no momentum that could be changed, or both schedules change it
void check_momentum(const ConfigValue& schedule, const ConfigValue& momentum_schedule,
                    const OptimizerConfig& optimizer);

}  // namespace redbud
