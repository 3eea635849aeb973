#pragma once
#include <cstdint>

#include "redbud/kernels/activation.h"

namespace redbud::kernels::cpu {

/// y[i] = f(y[i]) over a contiguous run, on the calling thread. What a product's write-back calls for a tile that is
/// still in L1.
using ActivationRun = void (*)(const Activation& activation, float* y, int64_t count);
/// d[i] *= f'(at[i]); at: z where the derivative is computed from the input, else y.
using ActivationGradientRun = void (*)(const Activation& activation, const float* at, float* d, int64_t count);
/// y[i] = f(z[i]).
using ActivationMap = void (*)(const Activation& activation, const float* z, float* y, int64_t count);
/// y[i] = f(z[i]), slope[i] = f'(z[i]); y may be z.
using ActivationSlopesMap = void (*)(const Activation& activation, const float* z, float* y, float* slope,
                                     int64_t count);
/// dz[i] = dy[i] * f'(at[i]); dz may be dy.
using ActivationGradientMap = void (*)(const Activation& activation, const float* at, const float* dy, float* dz,
                                       int64_t count);

/// The functions for the instruction set in use: look them up once a kernel call, not once a row.
ActivationRun activation_run();
ActivationGradientRun activation_gradient_run();
ActivationMap activation_map();
ActivationSlopesMap activation_slopes_map();
ActivationGradientMap activation_gradient_map();

}  // namespace redbud::kernels::cpu
