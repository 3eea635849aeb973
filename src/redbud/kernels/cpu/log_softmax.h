#pragma once
#include "redbud/kernels/log_softmax.h"

namespace redbud::kernels::cpu {

extern const Kernel<SoftmaxProblem, SoftmaxForwardArgs> log_softmax_forward;
extern const Kernel<SoftmaxProblem, SoftmaxBackwardArgs> log_softmax_backward;

}  // namespace redbud::kernels::cpu
