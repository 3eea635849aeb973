// What several runs of one problem say together.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "redbud/report/advice/rule.h"

namespace redbud {
namespace {

constexpr size_t kFewestEpochs = 4;
constexpr double kFaster = 0.98;  // of the other's validation loss in the first epoch
constexpr double kWorse = 1.005;  // times the other's best validation loss

/// This run has the higher rate, learned faster in the beginning, and ended worse than another.
std::string faster_ends_worse(const AdviceCase& c) {
  const RunEvidence& fast = c.run;
  if (fast.epochs.size() < kFewestEpochs || c.word("train", "schedule") != "none") return "";
  for (const RunEvidence& calm : c.runs) {
    if (&calm == &fast || calm.epochs.size() < kFewestEpochs) continue;
    const AdviceCase other{.run = calm, .runs = c.runs, .want = c.want};
    if (!(c.learning_rate() > other.learning_rate())) continue;
    const double fast_first = fast.epochs.front().validation.loss;
    const double calm_first = calm.epochs.front().validation.loss;
    const double fast_best = best_validation_loss(fast);
    const double calm_best = best_validation_loss(calm);
    if (!(fast_first < kFaster * calm_first) || !(fast_best > kWorse * calm_best)) continue;
    return fmt::format(
        "validation loss {:.4g} in epoch 1 and {:.4g} at best with the rate {:g}; {:.4g} and {:.4g} with {:g} in {}",
        fast_first, fast_best, c.learning_rate(), calm_first, calm_best, other.learning_rate(), calm.folder.string());
  }
  return "";
}

std::vector<Change> exponential(const AdviceCase& c) {
  const auto epochs = static_cast<double>(c.run.epochs.back().epoch);
  return {{"train.schedule", fmt::format("{{ name = \"exponential\", every = {:g} }}", std::max(1.0, epochs / 2.0))}};
}

}  // namespace

// clang-format off
std::span<const AdviceRule> comparison_rules() {
  static const std::array rules = {
      AdviceRule{"schedule-exponential", "the faster run ends worse", faster_ends_worse, exponential,
                 "begin at the high rate and let it fall by a schedule", "Senior et al. 2013", "medium"},
  };
  return rules;
}
// clang-format on

}  // namespace redbud
