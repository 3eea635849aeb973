#pragma once

// Included before Highway in every source of vector kernels: the instruction sets that they are built for, AVX3
// (AVX-512) and AVX2, and SCALAR for every other processor. All of them write a masked vector without touching the
// elements beyond the mask; SSE4 and NEON don't, so they can't be added without care for the ends of rows.
#define HWY_DISABLED_TARGETS (~(HWY_SCALAR | HWY_AVX2 | HWY_AVX3))
// g++ before 12.3 miscompiles EMU128; without it every compiler builds the same targets.
#define HWY_BROKEN_EMU128 1
