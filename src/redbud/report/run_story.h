#pragma once
#include <string>
#include <vector>

#include "redbud/core/config_value.h"
#include "redbud/core/file.h"
#include "redbud/report/weight_histogram.h"

namespace redbud {

/// A key of the resolved configuration and its value as a run file has it.
struct Setting {
  std::string key;
  std::string value;
};

/// All that the page of a run is made from.
struct RunStory {
  Path log;
  std::string name;
  ConfigValue start, done, diverged;  // records of the log; null: not there (yet)
  std::vector<ConfigValue> epochs;
  std::vector<ConfigValue> outcomes;  // report/outcome.h, a part of the rows each
  std::vector<ConfigValue> advice;    // tables with "illness", "says", "evidence", "confidence", "source", "command"
  std::vector<std::string> warnings;
  std::string config_text;
  std::vector<Setting> settings;
  std::vector<WeightHistogram> weights;
};

/// The part of a story that its log tells. A torn last line is left out: the run may still go on.
/// Throws  Error{Data} naming the line: missing, not a log of ours
RunStory read_story(const Path& log);

}  // namespace redbud
