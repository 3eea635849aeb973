#include "redbud/optim/gradient_norm.h"

#include <cmath>

namespace redbud {

GradientNorm::GradientNorm(const SegmentLayout& layout, double clip_tensor_norm) : clip_tensor_norm_(clip_tensor_norm) {
  const RunCut cut = clip_tensor_norm > 0.0 ? RunCut::BySegment : RunCut::BySettings;
  for (const ParameterRun& run : parameter_runs(layout, {}, cut)) {
    const kernels::SquaredNormProblem problem{.type = DType::F32, .size = run.size};
    pieces_.push_back({run, problem, kernels::choose(kernels::squared_norm_kernels(), problem).kernel});
  }
  if (clip_tensor_norm > 0.0) scales_.resize(pieces_.size(), 1.0);
}

GradientNorm::Result GradientNorm::measure(const AlignedBuffer& gradients, ThreadPool& pool) {
  Result result{.tensor_scales = scales_};
  double sum = 0.0;
  double clipped_sum = 0.0;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    double square = 0.0;
    bool finite = true;
    const float* g = gradients.as<float>().data() + piece.run.begin;
    piece.kernel->run(piece.problem, {.g = g, .sum = &square, .finite = &finite}, pool);
    result.finite = result.finite && finite;
    sum += square;
    if (scales_.empty()) continue;
    const double norm = std::sqrt(square);
    scales_[i] = norm > clip_tensor_norm_ ? clip_tensor_norm_ / norm : 1.0;
    clipped_sum += square * scales_[i] * scales_[i];
  }
  result.global = std::sqrt(sum);
  result.clipped = scales_.empty() ? result.global : std::sqrt(clipped_sum);
  return result;
}

}  // namespace redbud
