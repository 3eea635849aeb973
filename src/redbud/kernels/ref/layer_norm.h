#pragma once
#include "redbud/kernels/layer_norm.h"

namespace redbud::kernels::ref {

extern const Kernel<LayerNormProblem, LayerNormForwardArgs> layer_norm_forward;
extern const Kernel<LayerNormProblem, LayerNormBackwardArgs> layer_norm_backward;

}  // namespace redbud::kernels::ref
