#include <string>
#include <vector>

#include "redbud/cli/program.h"

int main(int argc, char** argv) {
  return redbud::cli::run_program(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), REDBUD_VERSION);
}
