#pragma once
#include <map>
#include <string>
#include <vector>

namespace redbud {

/// The numbers of a file of lines, by the first word of their line.
using GoldenLines = std::map<std::string, std::vector<double>>;

/// A file of tests/golden, which the script of that name made with another framework; lines that begin with # say how.
/// Throws  std::runtime_error: the file is missing; std::invalid_argument: not a number
GoldenLines read_golden(const std::string& name);

}  // namespace redbud
