#include <cmath>

#include "redbud/kernels/ref/loss_weights.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
double dot(const T* x, const T* y, int64_t size) {
  double sum = 0.0;
  for (int64_t k = 0; k < size; ++k) sum += static_cast<double>(x[k]) * static_cast<double>(y[k]);
  return sum;
}

template <class T>
void loss_and_gradient(const LossProblem& p, const LossArgs& a) {
  const double inverse_sum = inverse_weight_sum<T>(p, a);
  double loss = 0.0;
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* s = a.scores.row<T>(n);
    const T* t = a.target.row<T>(n);
    const double weight = row_weight<T>(p, a, n) * inverse_sum;
    const double square = dot(s, s, p.outputs);
    const double norms = std::sqrt(square) * std::sqrt(dot(t, t, p.outputs));
    const double inverse = norms == 0.0 ? 0.0 : 1.0 / norms;
    const double similarity = dot(s, t, p.outputs) * inverse;
    loss += weight * (1.0 - similarity);
    if (!p.gradient) continue;
    T* ds = a.dscores.row<T>(n);
    const double own = norms == 0.0 ? 0.0 : weight * similarity / square;
    for (int64_t k = 0; k < p.outputs; ++k) ds[k] = static_cast<T>(own * s[k] - weight * inverse * t[k]);
  }
  *a.loss = loss;
}

void run(const LossProblem& p, const LossArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { loss_and_gradient<T>(p, a); });
}

}  // namespace

const LossKernel cosine{"ref", everything, run};

}  // namespace redbud::kernels::ref
