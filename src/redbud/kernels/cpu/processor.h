#pragma once

namespace redbud::kernels::cpu {

/// Whether this processor reads its second cache so slowly, beside its multiply-adds, that a matrix of it is better
/// copied to the first for a few rows already. Those of Intel count as slow (measured on a Xeon of 2023), all others
/// don't (measured on Zen 5).
bool reads_l2_slowly();

}  // namespace redbud::kernels::cpu
