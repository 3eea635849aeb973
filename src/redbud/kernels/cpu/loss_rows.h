#pragma once
#include "redbud/kernels/losses.h"

namespace redbud::kernels::cpu {

/// The weighted losses of the rows [begin, end), summed in their order; their gradients if wanted. inverse_sum = 1 /
/// sum of weights.
using LossRows = double (*)(const LossProblem&, const LossArgs&, double inverse_sum, int64_t begin, int64_t end);

/// Runs a loss in pieces of rows and sums what they give in the order of the pieces.
void run_loss_rows(LossRows rows, const LossProblem& p, const LossArgs& a, ThreadPool& pool);

/// Row n's share of the mean.
inline double row_share(const LossProblem& p, const LossArgs& a, double inverse_sum, int64_t n) {
  return p.weighted ? static_cast<double>(static_cast<const float*>(a.weight)[n]) * inverse_sum : inverse_sum;
}

}  // namespace redbud::kernels::cpu
