#include "redbud/optim/gradient_transform.h"

namespace redbud {

std::vector<ParameterRun> parameter_runs(const SegmentLayout& layout, const OptimizerConfig& config, RunCut cut) {
  std::vector<ParameterRun> runs;
  bool neighbour = false;  // whether the segment before trains, too: then the gap between them belongs to the run
  for (const Segment& s : layout.segments()) {
    const ParameterSettings settings = settings_of(config, s);
    const bool joins = neighbour && cut == RunCut::BySettings && runs.back().settings == settings;
    neighbour = s.trainable;
    if (!s.trainable) continue;
    if (joins) {
      runs.back().size = s.offset + s.size - runs.back().begin;
    } else {
      const bool is_matrix = cut == RunCut::BySegment && s.shape.rank() == 2;
      runs.push_back({s.offset, s.size, settings, is_matrix ? s.shape[1] : 0});
    }
  }
  return runs;
}

}  // namespace redbud
