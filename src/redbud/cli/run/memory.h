#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "redbud/cli/run/prepare.h"

namespace redbud::cli {

/// The memory that a run takes at its peak, by what it is for.
struct MemoryNeeds {
  int64_t data = 0;        // encoded rows of all parts
  int64_t parameters = 0;  // values, gradients, optimizer state, best weights
  int64_t arenas = 0;      // of the training plan and the validation plan
  int64_t checkpoint = 0;  // what is held while one is written
  int64_t program = 0;     // code, stacks, libraries

  int64_t total() const { return data + parameters + arenas + checkpoint + program; }
};

/// The same from numbers alone, without building the plans: for a message when memory has run out.
int64_t rough_memory_needs(const PreparedRun& run);

MemoryNeeds memory_needs(const PreparedRun& run, const std::vector<std::string>& disabled_passes = {});

std::string to_text(const MemoryNeeds& needs);

}  // namespace redbud::cli
