#pragma once
#include "redbud/kernels/linear.h"

namespace redbud::kernels::cpu {

// The three products of a linear layer in f32, by run_gemm.
Support supports_linear_forward(const LinearForwardProblem& problem);
Support supports_linear_input_gradient(const LinearInputGradientProblem& problem);
Support supports_linear_weight_gradient(const LinearWeightGradientProblem& problem);

int64_t half_sum_bytes(const LinearWeightGradientProblem& problem);

void linear_forward(const LinearForwardProblem& problem, const LinearForwardArgs& args, ThreadPool& pool);
void linear_input_gradient(const LinearInputGradientProblem& problem, const LinearInputGradientArgs& args,
                           ThreadPool& pool);
void linear_weight_gradient(const LinearWeightGradientProblem& problem, const LinearWeightGradientArgs& args,
                            ThreadPool& pool);

}  // namespace redbud::kernels::cpu
