#pragma once
#include <string>
#include <vector>

#include "redbud/report/page/line_chart.h"
#include "redbud/report/run_story.h"

namespace redbud::page {

// The parts of a run's page; "" where there is nothing to show.

std::string curves_section(const RunStory& story);
std::string health_section(const RunStory& story);
std::string outcome_sections(const RunStory& story);
std::string weights_section(const RunStory& story);

/// A figure of the epochs' records, by epoch.
struct EpochField {
  std::string part = {};  // "validation", or "" for the record itself
  std::string key = {};
  double unit = 1.0;  // 0.01: shown in percent
};
std::vector<Point> points_of(const RunStory& story, const EpochField& field);

}  // namespace redbud::page
