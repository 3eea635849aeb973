#pragma once
#include <functional>
#include <vector>

#include "redbud/kernels/optimizer_step.h"
#include "redbud/optim/update.h"

namespace redbud {

/// The whole chain of recipes.h in one pass over the flat buffers: one kernel call a run.
class FusedUpdate final : public Update {
 public:
  FusedUpdate(const OptimizerConfig& resolved, const SegmentLayout& layout)
      : FusedUpdate(resolved, layout, [](const ParameterRun&) { return true; }) {}
  /// Of the tensors that `takes` says alone, each by itself.
  FusedUpdate(const OptimizerConfig& resolved, const SegmentLayout& layout,
              const std::function<bool(const ParameterRun&)>& takes);

  void run(const UpdateArgs& args, ThreadPool& pool) override { run(args, nullptr, pool); }
  /// Where a rule gives directions (lamb), they go into `directions`.
  void run(const UpdateArgs& args, AlignedBuffer* directions, ThreadPool& pool) const;

 private:
  struct Piece {
    ParameterRun run;
    kernels::OptimizerStepProblem problem;
    const kernels::Kernel<kernels::OptimizerStepProblem, kernels::OptimizerStepArgs>* kernel = nullptr;
    size_t number = 0;  // among all runs of the cut: that of its scale in GradientNorm::Result
  };
  OptimizerConfig config_;
  std::vector<Piece> pieces_;
};

}  // namespace redbud
