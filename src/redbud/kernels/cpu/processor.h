#pragma once

namespace redbud::kernels::cpu {

/// Whether this processor reads its second cache so slowly, beside its multiply-adds, that a matrix of it is better
/// copied to the first before few rows already: those of Intel do (measured on a Xeon of 2023), AMD's since Zen 4
/// don't.
bool reads_l2_slowly();

}  // namespace redbud::kernels::cpu
