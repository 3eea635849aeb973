#include "redbud/optim/gradient_transform.h"

namespace redbud {

std::vector<ParameterRun> parameter_runs(const SegmentLayout& layout, const RunCut& cut) {
  std::vector<ParameterRun> runs;
  bool neighbour = false;  // whether the segment before trains, too: then the gap between them belongs to the run
  for (const Segment& s : layout.segments()) {
    const bool joins = neighbour && !cut.by_segment && (!cut.by_decay || runs.back().decayed == s.decayed);
    neighbour = s.trainable;
    if (!s.trainable) continue;
    if (joins) {
      runs.back().size = s.offset + s.size - runs.back().begin;
    } else {
      runs.push_back({s.offset, s.size, s.decayed});
    }
  }
  return runs;
}

}  // namespace redbud
