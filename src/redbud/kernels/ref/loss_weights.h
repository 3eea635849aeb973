#pragma once
#include "redbud/kernels/losses.h"

namespace redbud::kernels::ref {

/// The weight of row n's loss in the mean, before the division by the sum of all of them.
template <class T>
double row_weight(const LossProblem& p, const LossArgs& a, int64_t n) {
  return p.weighted ? static_cast<double>(static_cast<const T*>(a.weight)[n]) : 1.0;
}

/// 1 / sum of the weights; 0 where they sum to 0: such a batch has no loss and no gradient.
template <class T>
double inverse_weight_sum(const LossProblem& p, const LossArgs& a) {
  double sum = 0.0;
  for (int64_t n = 0; n < p.rows; ++n) sum += row_weight<T>(p, a, n);
  return sum != 0.0 ? 1.0 / sum : 0.0;
}

}  // namespace redbud::kernels::ref
