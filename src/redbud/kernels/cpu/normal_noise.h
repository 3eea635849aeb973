#pragma once
#include "redbud/kernels/normal_noise.h"

namespace redbud::kernels::cpu {

extern const Kernel<NormalNoiseProblem, NormalNoiseArgs> normal_noise;

}  // namespace redbud::kernels::cpu
