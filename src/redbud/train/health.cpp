#include "redbud/train/health.h"

#include <algorithm>
#include <cmath>

#include "redbud/kernels/optimizer_step.h"

namespace redbud {

std::string first_non_finite_parameter(const ParameterStore& values, ThreadPool& pool) {
  const auto all = values.parameter_memory().as<float>();
  const kernels::SquaredNormProblem problem{.size = static_cast<int64_t>(all.size())};
  double sum = 0.0;
  bool finite = true;
  const auto choice = kernels::choose(kernels::squared_norm_kernels(), problem);
  choice.kernel->run(problem, {.g = all.data(), .sum = &sum, .finite = &finite}, pool);
  if (finite) return {};
  for (size_t i = 0; i < values.parameters().segments().size(); ++i) {
    const auto part = values.parameter(static_cast<int>(i));
    if (!std::all_of(part.begin(), part.end(), [](float v) { return std::isfinite(v); })) {
      return values.parameters().segments()[i].name;
    }
  }
  return {};
}

}  // namespace redbud
