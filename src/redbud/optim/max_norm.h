#pragma once
#include <vector>

#include "redbud/core/thread_pool.h"
#include "redbud/graph/parameter_store.h"
#include "redbud/kernels/max_norm.h"
#include "redbud/optim/optimizer.h"

namespace redbud {

/// Max-norm regularisation: after each update, no unit's incoming weights have a greater l2 norm than the limit.
class MaxNorm {
 public:
  MaxNorm(const OptimizerConfig& config, const SegmentLayout& layout);

  void apply(AlignedBuffer& parameters, ThreadPool& pool) const;

 private:
  struct Weights {
    int64_t offset = 0;
    double limit = 0.0;
    kernels::MaxNormProblem problem;
    const kernels::Kernel<kernels::MaxNormProblem, kernels::MaxNormArgs>* kernel = nullptr;
  };
  std::vector<Weights> weights_;
};

}  // namespace redbud
