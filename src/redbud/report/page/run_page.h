#pragma once
#include <string>
#include <vector>

#include "redbud/report/run_story.h"

namespace redbud {

/// report.html of a run: one page that needs nothing but itself.
std::string run_page(const RunStory& story);

/// Runs side by side: the settings in which they differ, final metrics, curves over each other.
std::string comparison_page(const std::vector<RunStory>& stories);

}  // namespace redbud
