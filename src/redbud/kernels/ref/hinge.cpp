#include <algorithm>

#include "redbud/kernels/ref/loss_weights.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

/// 0, but not a number where one of the scores isn't finite: comparisons would not notice.
template <class T>
double nothing_or_nan(const T* s, int64_t outputs) {
  double sum = 0.0;
  for (int64_t k = 0; k < outputs; ++k) sum += static_cast<double>(s[k] - s[k]);
  return sum;
}

template <class T>
int64_t best_other(const T* s, int64_t outputs, int64_t target) {
  int64_t best = target == 0 ? 1 : 0;
  for (int64_t k = best + 1; k < outputs; ++k) {
    if (k != target && s[k] > s[best]) best = k;
  }
  return best;
}

template <class T>
void loss_and_gradient(const LossProblem& p, const LossArgs& a) {
  const double inverse_sum = inverse_weight_sum<T>(p, a);
  double loss = 0.0;
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* s = a.scores.row<T>(n);
    const int64_t target = *a.target.row<int32_t>(n);
    const double weight = row_weight<T>(p, a, n) * inverse_sum;
    const int64_t other = p.outputs > 1 ? best_other(s, p.outputs, target) : target;
    const double excess = other == target ? 0.0 : 1.0 + static_cast<double>(s[other]) - static_cast<double>(s[target]);
    loss += weight * (std::max(0.0, excess) + nothing_or_nan(s, p.outputs));
    if (!p.gradient) continue;
    T* ds = a.dscores.row<T>(n);
    std::fill_n(ds, p.outputs, T(0));
    if (!(excess > 0.0)) continue;
    ds[other] = static_cast<T>(weight);
    ds[target] = static_cast<T>(-weight);
  }
  *a.loss = loss;
}

void run(const LossProblem& p, const LossArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { loss_and_gradient<T>(p, a); });
}

}  // namespace

const LossKernel hinge{"ref", everything, run};

}  // namespace redbud::kernels::ref
