#include <algorithm>

#include "redbud/cli/program.h"

int main(int argc, char** argv) {
  return redbud::cli::run_program({argv + std::min(argc, 1), argv + argc}, REDBUD_VERSION);
}
