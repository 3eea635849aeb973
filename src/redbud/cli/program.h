#pragma once
#include <span>
#include <string>

namespace redbud::cli {

/// Runs the program on the words after its name; gives the exit code. Every failure becomes one line on stderr.
int run_program(std::span<const char* const> words, const std::string& version);

/// The version that run_program was given.
const std::string& program_version();

}  // namespace redbud::cli
