#pragma once
#include <vector>

#include "redbud/cli/console.h"
#include "redbud/cli/run/prepare.h"
#include "redbud/core/file.h"
#include "redbud/core/thread_pool.h"
#include "redbud/graph/model.h"
#include "redbud/report/run_log.h"
#include "redbud/report/run_story.h"

namespace redbud::cli {

/// "train.optimizer" and its value as a run file has it; of [[layer]], "layer 1.units".
std::vector<Setting> settings_of(const ConfigValue& tree);

/// What a run's folder tells: log, configuration, weights. `model` is the one in its model file where that is in memory
/// already, else null. Throws  Error{Data} naming what is damaged or foreign
RunStory story_of(const Path& folder, const Model* model = nullptr);

/// Shows the model its validation and test rows and notes in the log where it is wrong.
void note_outcomes(const PreparedRun& run, const Model& model, ThreadPool& pool, RunLog& log);

/// What `redbud advise` says of a run alone, as records. Throws  Error{Data}: as story_of
std::vector<ConfigValue> advice_of(const Path& folder);

/// Writes report.html at the end of a run; `model` as above. The run counts without it: a failure is a warning. Gives
/// the advice that stands on the page.
std::vector<ConfigValue> write_page_of_run(const Path& folder, const Model* model, Console& console);

}  // namespace redbud::cli
