#pragma once
#include <string>
#include <vector>

#include "redbud/cli/command.h"

namespace redbud::cli {

/// Reads the words after the verb into `options`: `--name value`, `--name=value`, `--flag`, arguments in their order;
/// `--` ends the options. An option given twice counts as given last, unless it is repeatable. Throws  Error{Usage}:
/// unknown option (naming the nearest), missing value, missing or surplus argument
void parse_command_line(const Command& command, const std::vector<std::string>& words, void* options);

/// The text of `redbud <verb> --help`.
std::string help_text(const Command& command);

}  // namespace redbud::cli
