#pragma once

// Included before Highway: the instruction sets that vector code is built for, as in kernels/cpu/targets.h, AVX3
// (AVX-512), AVX2, and SCALAR for every other processor.
#define HWY_DISABLED_TARGETS (~(HWY_SCALAR | HWY_AVX2 | HWY_AVX3))
// g++ before 12.3 miscompiles EMU128; without it every compiler builds the same targets.
#define HWY_BROKEN_EMU128 1
