#pragma once
#include <string>
#include <vector>

namespace redbud::cli {

/// Runs the program on the words after its name; gives the exit code. Every failure becomes one line on stderr.
int run_program(const std::vector<std::string>& words, const std::string& version);

/// The version that run_program was given.
const std::string& program_version();

}  // namespace redbud::cli
