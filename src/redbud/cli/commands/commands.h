#pragma once
#include <vector>

#include "redbud/cli/command.h"

namespace redbud::cli {

Command train_command();
Command resume_command();
Command evaluate_command();
Command predict_command();
Command inspect_command();
Command plan_command();
Command check_command();
Command find_lr_command();
Command report_command();
Command advise_command();
std::vector<Command> bench_commands();  // "bench step", "bench predict", ...

}  // namespace redbud::cli
