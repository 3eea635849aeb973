#pragma once
#include "redbud/kernels/normal_noise.h"

namespace redbud::kernels::ref {

extern const Kernel<NormalNoiseProblem, NormalNoiseArgs> normal_noise;

}  // namespace redbud::kernels::ref
