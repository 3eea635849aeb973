#pragma once
#include <string>

namespace redbud::cli {

/// The text of docs/run_file.md: all keys of a run file and all kinds of layers, from the tables that the program
/// itself reads.
std::string run_file_reference();

}  // namespace redbud::cli
