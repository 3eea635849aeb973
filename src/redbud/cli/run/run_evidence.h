#pragma once
#include "redbud/core/file.h"
#include "redbud/report/advice/evidence.h"

namespace redbud::cli {

/// What a run's folder holds for advice. Throws  Error{Data}: not the folder of a run, damaged
RunEvidence read_run_evidence(const Path& folder);

}  // namespace redbud::cli
