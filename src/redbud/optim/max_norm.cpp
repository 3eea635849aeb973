#include "redbud/optim/max_norm.h"

#include "redbud/optim/parameter_settings.h"

namespace redbud {

MaxNorm::MaxNorm(const OptimizerConfig& config, const SegmentLayout& layout) {
  for (const Segment& segment : layout.segments()) {
    // Matrices of inputs by units; biases, scales and shifts have no incoming weights.
    const double limit = max_norm_of(config, segment);
    if (limit <= 0.0 || !segment.trainable || segment.shape.rank() != 2) continue;
    const kernels::MaxNormProblem problem{.inputs = segment.shape[0], .outputs = segment.shape[1]};
    weights_.push_back({segment.offset, limit, problem, kernels::choose(kernels::max_norm_kernels(), problem).kernel});
  }
}

void MaxNorm::apply(AlignedBuffer& parameters, ThreadPool& pool) const {
  for (const Weights& weights : weights_) {
    float* const w = parameters.as<float>().data() + weights.offset;
    weights.kernel->run(weights.problem, {.w = w, .limit = weights.limit}, pool);
  }
}

}  // namespace redbud
