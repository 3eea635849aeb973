#include "redbud/kernels/ref/activation.h"

#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
void forward(const ActivationForwardProblem& p, const ActivationForwardArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* z = a.z.row<T>(n);
    T* y = a.y.row<T>(n);
    for (int64_t k = 0; k < p.features; ++k) {
      y[k] = static_cast<T>(activate<double>(p.activation, z[k]));
    }
  }
}

template <class T>
void slopes(const ActivationForwardProblem& p, const ActivationSlopesArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    for (int64_t k = 0; k < p.features; ++k) {
      const double z = a.z.row<T>(n)[k];
      a.slope.row<T>(n)[k] = static_cast<T>(activation_gradient(p.activation, z));
      a.y.row<T>(n)[k] = static_cast<T>(activate(p.activation, z));
    }
  }
}

template <class T>
void backward(const ActivationBackwardProblem& p, const ActivationBackwardArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* dy = a.dy.row<T>(n);
    const T* at = a.at.row<T>(n);
    T* dz = a.dz.row<T>(n);
    for (int64_t k = 0; k < p.features; ++k) {
      dz[k] = static_cast<T>(dy[k] * activation_gradient<double>(p.activation, at[k]));
    }
  }
}

void run_forward(const ActivationForwardProblem& p, const ActivationForwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { forward<T>(p, a); });
}

void run_slopes(const ActivationForwardProblem& p, const ActivationSlopesArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { slopes<T>(p, a); });
}

void run_backward(const ActivationBackwardProblem& p, const ActivationBackwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { backward<T>(p, a); });
}

}  // namespace

const Kernel<ActivationForwardProblem, ActivationForwardArgs> activation_forward{"ref", everything, run_forward};
const Kernel<ActivationForwardProblem, ActivationSlopesArgs> activation_slopes{"ref", everything, run_slopes};
const Kernel<ActivationBackwardProblem, ActivationBackwardArgs> activation_backward{"ref", everything, run_backward};

}  // namespace redbud::kernels::ref
