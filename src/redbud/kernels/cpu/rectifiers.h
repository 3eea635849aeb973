#pragma once
#include "redbud/kernels/prelu.h"
#include "redbud/kernels/rrelu.h"

// The rectifiers whose slopes are learned or drawn.
namespace redbud::kernels::cpu {

extern const Kernel<PreluForwardProblem, PreluForwardArgs> prelu_forward;
extern const Kernel<PreluBackwardProblem, PreluBackwardArgs> prelu_backward;
extern const Kernel<RreluForwardProblem, RreluForwardArgs> rrelu_forward;

}  // namespace redbud::kernels::cpu
