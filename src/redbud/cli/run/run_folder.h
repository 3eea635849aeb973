#pragma once
#include <string>
#include <vector>

#include "redbud/cli/run/prepare.h"
#include "redbud/core/config_value.h"
#include "redbud/core/file.h"

namespace redbud::cli {

/// What lies in a run's folder.
Path model_file_of(const Path& run);
Path log_file_of(const Path& run);
Path config_file_of(const Path& run);
Path rejects_file_of(const Path& run);
Path page_file_of(const Path& run);
Path tensorboard_folder_of(const Path& run);

/// Whether a folder holds a run: a configuration, a model, checkpoints.
bool holds_run(const Path& folder);

/// The tree of a run's config.toml. Throws  Error{Data}: not the folder of a run, damaged
ConfigValue read_config_of(const Path& run);

/// The run's files are looked for where they were, or, where the folder was moved together with them, where they lie
/// from it now.
void find_moved_files(ConfigValue& tree, const Path& folder);

/// runs/<data>-<number>: the first number that is free.
Path next_run_folder(const Path& data);

/// Throws  Error{Environment} if the folder holds a run (naming `resume` and --overwrite) or is no folder
void require_no_run(const Path& folder);

/// Removes what a run had written, for --overwrite; anything else in the folder stays. The lock must be held.
void clear_run(const Path& folder);

/// The text of config.toml: the resolved tree, with the reason beside each decision, and what the run notes about
/// itself.
std::string config_text(const PreparedRun& run, const Path& folder);

/// Whether the run has written a checkpoint.
bool has_checkpoints(const Path& folder);

/// MODEL on the command line: a model file, or a run's folder, which stands for its best model.
Path find_model_file(const Path& model);

}  // namespace redbud::cli
