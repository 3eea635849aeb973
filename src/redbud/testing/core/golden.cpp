#include "redbud/testing/core/golden.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace redbud {

GoldenLines read_golden(const std::string& name) {
  std::ifstream file(std::string(REDBUD_SOURCE_DIR) + "/tests/golden/" + name);
  if (!file) throw std::runtime_error("tests/golden/" + name + " is missing");
  GoldenLines lines;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string key;
    words >> key;
    for (std::string word; words >> word;) lines[key].push_back(std::stod(word));
  }
  return lines;
}

}  // namespace redbud
