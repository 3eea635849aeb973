#pragma once
#include "redbud/kernels/losses.h"

namespace redbud::kernels::cpu {

/// The rows [begin, end) of a batch whose weights sum to 1 / inverse_sum.
struct RowRange {
  int64_t begin = 0;
  int64_t end = 0;
  double inverse_sum = 0.0;
};

/// The weighted losses of some rows, summed in their order; their gradients if wanted.
using LossRows = double (*)(const LossProblem&, const LossArgs&, const RowRange&);

/// Runs a loss in pieces of rows and sums what they give in the order of the pieces.
void run_loss_rows(LossRows rows, const LossProblem& p, const LossArgs& a, ThreadPool& pool);

/// Row n's share of the mean.
inline double row_share(const LossProblem& p, const LossArgs& a, double inverse_sum, int64_t n) {
  return p.weighted ? static_cast<double>(static_cast<const float*>(a.weight)[n]) * inverse_sum : inverse_sum;
}

}  // namespace redbud::kernels::cpu
