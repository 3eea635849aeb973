#include "redbud/optim/lamb_update.h"

#include <cmath>

namespace redbud {
namespace {

double squared_norm(std::span<const float> values, ThreadPool& pool) {
  const kernels::SquaredNormProblem problem{.type = DType::F32, .size = static_cast<int64_t>(values.size())};
  double sum = 0.0;
  bool finite = true;
  kernels::choose(kernels::squared_norm_kernels(), problem)
      .kernel->run(problem, {.g = values.data(), .sum = &sum, .finite = &finite}, pool);
  return sum;
}

}  // namespace

LambUpdate::LambUpdate(const OptimizerConfig& resolved, const SegmentLayout& layout)
    : adam_(resolved, layout),
      tensors_(parameter_runs(layout, resolved, RunCut::BySegment)),
      directions_(layout.size() * static_cast<int64_t>(sizeof(float))) {}

void LambUpdate::run(const UpdateArgs& args, ThreadPool& pool) {
  adam_.run(args, &directions_, pool);
  for (const ParameterRun& run : tensors_) {
    const auto w = args.parameters.as<float>().subspan(static_cast<size_t>(run.begin), static_cast<size_t>(run.size));
    const auto d = directions_.as<float>().subspan(static_cast<size_t>(run.begin), static_cast<size_t>(run.size));
    const double weights = squared_norm(w, pool);
    const double steps = squared_norm(d, pool);
    const double ratio = weights > 0.0 && steps > 0.0 ? std::sqrt(weights / steps) : 1.0;
    const double rate = args.learning_rate * run.settings.rate;
    apply_direction(w, d, {.factor = rate * ratio, .limit = rate * run.settings.l1}, pool);
  }
}

}  // namespace redbud
