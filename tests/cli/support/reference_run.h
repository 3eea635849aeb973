#pragma once
// One small run that tests disturb, and its weights when nobody does.
#include <string>
#include <vector>

#include "redbud/testing/core/temp_folder.h"

namespace redbud {

/// small_training() with a checkpoint after every epoch.
std::vector<std::string> reference_training(const TempFolder& folder);

/// The weights it ends with.
std::string reference_weights();

/// Whatever became of that run, going on with it (or starting it again) ends with the same weights.
void expect_can_end(const TempFolder& folder, const std::string& what);

}  // namespace redbud
