#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/report/advice/evidence.h"

namespace redbud {

/// What the user is after beside a network that is well.
enum class Want { Nothing, Sparse, Fast, Accurate };

/// A key of the run file and the value that it should get.
struct Change {
  std::string key;    // "model.batch_norm"
  std::string value;  // "before"
};

/// One thing to change next.
struct Advice {
  std::string rule;                  // of the table of rules: "vanishing-elu"
  std::string illness;               // "gradients vanish"
  std::string says;                  // "use ELU, with its own initializer"
  std::string evidence;              // figures, epochs
  std::string source;                // the literature
  std::string confidence;            // "high", "medium", "low"
  std::vector<Change> changes = {};  // empty: nothing that a command could do
  size_t run = 0;                    // of the runs that were given: the one to start from
};

/// From the evidence of one or more runs to what to change next, the best first; nothing for a run that is well. Each
/// run is looked at alone, then all together. Rules  report/advice/*_rules.cpp
std::vector<Advice> advise(std::span<const RunEvidence> runs, Want want = Want::Nothing);

}  // namespace redbud
