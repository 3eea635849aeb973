#pragma once
#include <optional>
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/file.h"
#include "redbud/report/run_story.h"
#include "redbud/train/illness.h"

namespace redbud {

/// How good weights were on some rows.
struct Scores {
  double loss = 0.0;              // NaN where it was not finite
  std::optional<double> quality;  // accuracy, or R2: 1 is perfect
  bool is_share = true;           // accuracy

  /// "accuracy 91.20 %", "R2 0.7839"; "" where it is not known
  std::string quality_text() const;
};

struct EpochEvidence {
  int64_t epoch = 0;
  double train_loss = 0.0;
  Scores validation;
  double learning_rate = 0.0;
  std::vector<LayerHealth> health;
};

/// What a run left behind that advice can rest on.
struct RunEvidence {
  Path folder;
  ConfigValue tree;  // its configuration, every key filled
  int64_t train_rows = 0;
  int64_t features = 0;
  int64_t outputs = 0;
  std::vector<LayerMakeup> layers;
  std::vector<EpochEvidence> epochs;
  std::string divergence;   // "step 27, layer hidden2 (dense), linear: the loss is not finite (...)"; "" = none
  std::string stop_reason;  // "" = the run has not ended
  int64_t best_epoch = 0;
  std::optional<Scores> train, validation;  // of the best weights
};

/// What a run's log says, for rules to look at; `tree` is the run's configuration.
/// Throws  Error{Data} naming log and epoch: health that is damaged
RunEvidence evidence_of(const RunStory& story, const Path& folder, ConfigValue tree);

/// The lowest finite validation loss of all epochs; infinite where there is none.
double best_validation_loss(const RunEvidence& run);

/// An illness that was there in half of the epochs or more.
struct LastingIllness {
  int64_t first_epoch = 0;
  int64_t epochs = 0;  // that had it
  Illness worst;       // as it was in the last of them
};
std::vector<LastingIllness> lasting_illnesses(const RunEvidence& run);

}  // namespace redbud
