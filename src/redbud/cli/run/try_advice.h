#pragma once
#include "redbud/cli/console.h"
#include "redbud/report/advice/advice.h"

namespace redbud::cli {

/// What became of an advice that was tried.
struct Trial {
  bool diverged = false;
  std::optional<Scores> before, after;              // of the best weights on the validation rows
  std::optional<double> zeros_before, zeros_after;  // share of weights that are exactly 0, where that was wanted

  bool helped(Want want) const;
};

/// Trains the run anew with an advice's changes, in a folder of its own (folder_of; what was tried there before is
/// replaced). Throws  as `redbud train` does, but for a divergence
Trial try_advice(const Advice& advice, const RunEvidence& run, Want want, Console& console);

/// "tried in runs/ill-vanishing-elu: best validation loss 2.301 before, loss 0.3014 now: it helped"
std::string trial_text(const Trial& trial, const Advice& advice, const RunEvidence& run, Want want);
ConfigValue trial_record(const Trial& trial, const Advice& advice, const RunEvidence& run, Want want);

}  // namespace redbud::cli
