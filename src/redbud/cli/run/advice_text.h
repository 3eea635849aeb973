#pragma once
#include <string>

#include "redbud/core/config_value.h"
#include "redbud/report/advice/advice.h"

namespace redbud::cli {

/// The folder that an advice's command writes to: the run's, with the rule's name behind it.
Path folder_of(const Advice& advice, const RunEvidence& run);

/// "redbud train DATA --config RUN/config.toml --set model.activation=elu --out RUN-vanishing-elu"; "" where there is
/// nothing to set.
std::string command_of(const Advice& advice, const RunEvidence& run);

/// One advice as lines, with its number.
std::string advice_text(size_t number, const Advice& advice, const RunEvidence& run);

/// {"event":"advice","run":...,"rule":...,"illness":...,"says":...,"evidence":...,"confidence":...,"source":...,
///  "changes":{"model.activation":"elu"},"command":...}
ConfigValue advice_record(const Advice& advice, const RunEvidence& run);

/// What a run reached, in one line: "runs/ill: 5 epochs, best validation loss 2.301 (accuracy 11.20 %)"
std::string run_line(const RunEvidence& run);

/// The scores of the best weights, as far as the log tells them.
std::optional<Scores> best_scores(const RunEvidence& run);
/// "loss 0.3014 (accuracy 91.20 %)"
std::string scores_text(const Scores& scores);

}  // namespace redbud::cli
