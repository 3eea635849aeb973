#pragma once
#include <span>

#include "redbud/graph/op.h"
#include "redbud/kernels/kernel.h"

namespace redbud {

/// Chooses the first kernel of the list that supports the problem and fixes its arguments.
template <class Problem, class Args>
BoundStep bind_kernel(std::span<const kernels::Kernel<Problem, Args>> list, const Problem& problem, const Args& args,
                      kernels::KernelPolicy policy) {
  auto choice = kernels::choose(list, problem, policy);
  const auto run = choice.kernel->run;
  return {.run = [=](const StepContext& c) { run(problem, args, c.pool); },
          .kernel = choice.kernel->name,
          .refused = std::move(choice.refused)};
}

}  // namespace redbud
