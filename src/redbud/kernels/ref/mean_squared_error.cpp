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
    const T* t = a.target.row<T>(n);
    const double weight = row_weight<T>(p, a, n) * inverse_sum / static_cast<double>(p.outputs);
    for (int64_t k = 0; k < p.outputs; ++k) {
      const double difference = static_cast<double>(s[k]) - t[k];
      loss += weight * difference * difference;
      if (p.gradient) a.dscores.row<T>(n)[k] = static_cast<T>(2.0 * difference * weight);
    }
  }
  *a.loss = loss;
}

void run(const LossProblem& p, const LossArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { loss_and_gradient<T>(p, a); });
}

}  // namespace

const LossKernel mean_squared_error{"ref", everything, run};

}  // namespace redbud::kernels::ref
