#pragma once
#include <span>
#include <vector>

#include "redbud/core/thread_pool.h"
#include "redbud/kernels/optimizer_step.h"
#include "redbud/optim/gradient_transform.h"

namespace redbud {

/// Measures the gradients of all that trains, and whether they are finite. Allocates nothing when it measures.
class GradientNorm {
 public:
  /// clip_tensor_norm > 0: each tensor is measured by itself.
  GradientNorm(const SegmentLayout& layout, double clip_tensor_norm);

  struct Result {
    double global = 0.0;                      // before any clipping
    double clipped = 0.0;                     // after clipping each tensor by its own norm
    std::span<const double> tensor_scales{};  // of that clipping, one a run; empty where it is off
    bool finite = true;
  };
  /// The scales lie here until the next call.
  Result measure(const AlignedBuffer& gradients, ThreadPool& pool);

 private:
  struct Piece {
    ParameterRun run;
    kernels::SquaredNormProblem problem;
    const kernels::Kernel<kernels::SquaredNormProblem, kernels::SquaredNormArgs>* kernel = nullptr;
  };
  std::vector<Piece> pieces_;
  std::vector<double> scales_;
  double clip_tensor_norm_ = 0.0;
};

}  // namespace redbud
