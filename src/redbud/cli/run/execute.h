#pragma once
#include "redbud/cli/console.h"
#include "redbud/cli/run/prepare.h"
#include "redbud/core/file.h"

namespace redbud::cli {

/// Says on stderr what was read, guessed and chosen, and shows the network.
void describe_run(const PreparedRun& run, Console& console);

/// Trains in the run's folder, whose lock is held: from its newest checkpoint, where it has one. Writes model.redbud
/// and log.jsonl, scores the test rows once with the best weights, prints the result. Gives the exit code.
int execute_run(PreparedRun run, const Path& folder, Console& console);

/// Prints a done record as the command's result, with the next steps by `advice` (records).
void print_result(const ConfigValue& done, std::span<const ConfigValue> advice, const Path& folder, Console& console);

}  // namespace redbud::cli
