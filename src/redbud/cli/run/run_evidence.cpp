#include "redbud/cli/run/run_evidence.h"

#include "redbud/cli/config/run_tree.h"
#include "redbud/cli/run/run_folder.h"

namespace redbud::cli {

RunEvidence read_run_evidence(const Path& folder) {
  ConfigValue tree = read_config_of(folder);
  find_moved_files(tree, folder);
  return evidence_of(read_story(log_file_of(folder)), folder, fill_defaults(tree));
}

}  // namespace redbud::cli
