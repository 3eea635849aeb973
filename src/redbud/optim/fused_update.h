#pragma once
#include <vector>

#include "redbud/core/thread_pool.h"
#include "redbud/kernels/optimizer_step.h"
#include "redbud/optim/gradient_norm.h"
#include "redbud/optim/optimizer.h"

namespace redbud {

/// The whole chain of recipes.h in one pass over the flat buffers: one kernel call a run.
class FusedUpdate {
 public:
  FusedUpdate(const OptimizerConfig& resolved, const SegmentLayout& layout);

  struct Args {
    AlignedBuffer& parameters;
    const AlignedBuffer& gradients;
    AlignedBuffer* first;   // the rule's state; null if it has none
    AlignedBuffer* second;  // may be `first`
    AlignedBuffer* third;   // where it has three
    GradientNorm::Result norm;
    double learning_rate;
    int64_t step;
  };
  void run(const Args& args, ThreadPool& pool) const;

 private:
  struct Piece {
    ParameterRun run;
    kernels::OptimizerStepProblem problem;
    const kernels::Kernel<kernels::OptimizerStepProblem, kernels::OptimizerStepArgs>* kernel = nullptr;
  };
  OptimizerConfig config_;
  std::vector<Piece> pieces_;
};

}  // namespace redbud
