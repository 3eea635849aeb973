#pragma once
#include "redbud/kernels/linear.h"

namespace redbud::kernels::ref {

// Plain loops that read like the contracts' formulas; sums in double, on the calling thread.
void linear_forward(const LinearForwardProblem& problem, const LinearForwardArgs& args, ThreadPool& pool);
void linear_input_gradient(const LinearInputGradientProblem& problem, const LinearInputGradientArgs& args,
                           ThreadPool& pool);
void linear_weight_gradient(const LinearWeightGradientProblem& problem, const LinearWeightGradientArgs& args,
                            ThreadPool& pool);

}  // namespace redbud::kernels::ref
