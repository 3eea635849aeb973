#include "redbud/cli/commands/commands.h"

namespace redbud::cli {

std::vector<Command> bench_commands() { return {}; }

}  // namespace redbud::cli
