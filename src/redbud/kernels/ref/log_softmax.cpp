#include "redbud/kernels/ref/log_softmax.h"

#include <algorithm>
#include <cmath>

#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
void forward(const SoftmaxProblem& p, const SoftmaxForwardArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* z = a.z.row<T>(n);
    T* y = a.y.row<T>(n);
    const double largest = *std::max_element(z, z + p.features);
    double sum = 0.0;
    for (int64_t k = 0; k < p.features; ++k) sum += std::exp(z[k] - largest);
    const double log_sum = std::log(sum);
    for (int64_t k = 0; k < p.features; ++k) y[k] = static_cast<T>((z[k] - largest) - log_sum);
  }
}

template <class T>
void backward(const SoftmaxProblem& p, const SoftmaxBackwardArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* dy = a.dy.row<T>(n);
    const T* y = a.y.row<T>(n);
    T* dz = a.dz.row<T>(n);
    double sum = 0.0;
    for (int64_t k = 0; k < p.features; ++k) sum += dy[k];
    for (int64_t k = 0; k < p.features; ++k) dz[k] = static_cast<T>(dy[k] - std::exp(static_cast<double>(y[k])) * sum);
  }
}

void run_forward(const SoftmaxProblem& p, const SoftmaxForwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { forward<T>(p, a); });
}

void run_backward(const SoftmaxProblem& p, const SoftmaxBackwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { backward<T>(p, a); });
}

}  // namespace

const Kernel<SoftmaxProblem, SoftmaxForwardArgs> log_softmax_forward{"ref", everything, run_forward};
const Kernel<SoftmaxProblem, SoftmaxBackwardArgs> log_softmax_backward{"ref", everything, run_backward};

}  // namespace redbud::kernels::ref
