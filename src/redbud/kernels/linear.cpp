#include "redbud/kernels/linear.h"

#include <array>

#include "redbud/kernels/cpu/linear.h"
#include "redbud/kernels/ref/linear.h"

namespace redbud::kernels {
namespace {

template <class Problem>
Support always(const Problem&) {
  return Support::yes();
}

using Forward = Kernel<LinearForwardProblem, LinearForwardArgs>;
using InputGradient = Kernel<LinearInputGradientProblem, LinearInputGradientArgs>;
using WeightGradient = Kernel<LinearWeightGradientProblem, LinearWeightGradientArgs>;

constexpr std::array kForward = {
    Forward{"cpu:simd", cpu::supports_linear_forward, cpu::linear_forward},
    Forward{"ref", always, ref::linear_forward},
};
constexpr std::array kInputGradient = {
    InputGradient{"cpu:simd", cpu::supports_linear_input_gradient, cpu::linear_input_gradient},
    InputGradient{"ref", always, ref::linear_input_gradient},
};
constexpr std::array kWeightGradient = {
    WeightGradient{"cpu:simd", cpu::supports_linear_weight_gradient, cpu::linear_weight_gradient},
    WeightGradient{"ref", always, ref::linear_weight_gradient},
};

}  // namespace

std::span<const Forward> linear_forward_kernels() { return kForward; }

std::span<const InputGradient> linear_input_gradient_kernels() { return kInputGradient; }

std::span<const WeightGradient> linear_weight_gradient_kernels() { return kWeightGradient; }

int64_t linear_input_gradient_scratch_bytes(const LinearInputGradientProblem&) { return 0; }

int64_t linear_weight_gradient_scratch_bytes(const LinearWeightGradientProblem& problem) {
  return cpu::half_sum_bytes(problem);
}

}  // namespace redbud::kernels
