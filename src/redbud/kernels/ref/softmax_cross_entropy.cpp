#include <algorithm>
#include <cmath>

#include "redbud/kernels/ref/loss_weights.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
void loss_and_gradient(const LossProblem& p, const LossArgs& a) {
  const double inverse_sum = inverse_weight_sum<T>(p, a);
  double loss = 0.0;
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* s = a.scores.row<T>(n);
    const int32_t target = *a.target.row<int32_t>(n);
    const double weight = row_weight<T>(p, a, n) * inverse_sum;
    const double largest = *std::max_element(s, s + p.outputs);
    double sum = 0.0;
    for (int64_t k = 0; k < p.outputs; ++k) sum += std::exp(s[k] - largest);
    loss += weight * (std::log(sum) + largest - s[target]);
    if (!p.gradient) continue;
    T* ds = a.dscores.row<T>(n);
    for (int64_t k = 0; k < p.outputs; ++k) {
      const double softmax = std::exp(s[k] - largest) / sum;
      ds[k] = static_cast<T>((softmax - (k == target ? 1.0 : 0.0)) * weight);
    }
  }
  *a.loss = loss;
}

void run(const LossProblem& p, const LossArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { loss_and_gradient<T>(p, a); });
}

}  // namespace

const LossKernel softmax_cross_entropy{"ref", everything, run};

}  // namespace redbud::kernels::ref
