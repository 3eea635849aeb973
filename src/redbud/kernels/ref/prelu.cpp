#include "redbud/kernels/prelu.h"

#include "redbud/kernels/ref/pointwise_kernels.h"
#include "redbud/kernels/ref/rectifiers.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
void forward(const PreluForwardProblem& p, const PreluForwardArgs& a) {
  const T* slope = static_cast<const T*>(a.slope);
  for (int64_t n = 0; n < p.rows; ++n) {
    for (int64_t k = 0; k < p.features; ++k) {
      const double z = a.z.row<T>(n)[k];
      a.y.row<T>(n)[k] = static_cast<T>(z > 0 ? z : slope[k] * z);
    }
  }
}

template <class T>
void backward(const PreluBackwardProblem& p, const PreluBackwardArgs& a) {
  const T* slope = static_cast<const T*>(a.slope);
  for (int64_t k = 0; k < p.features; ++k) {
    double sum = 0.0;
    for (int64_t n = 0; n < p.rows; ++n) {
      const double z = a.z.row<T>(n)[k];
      const double dy = a.dy.row<T>(n)[k];
      if (!(z > 0)) sum += dy * z;
      if (a.dz.data != nullptr) a.dz.row<T>(n)[k] = static_cast<T>(z > 0 ? dy : dy * slope[k]);
    }
    if (a.dslope == nullptr) continue;
    T& da = static_cast<T*>(a.dslope)[k];
    da = static_cast<T>(p.accumulate ? da + sum : sum);
  }
}

void run_forward(const PreluForwardProblem& p, const PreluForwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { forward<T>(p, a); });
}

void run_backward(const PreluBackwardProblem& p, const PreluBackwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { backward<T>(p, a); });
}

}  // namespace

const Kernel<PreluForwardProblem, PreluForwardArgs> prelu_forward{"ref", everything, run_forward};
const Kernel<PreluBackwardProblem, PreluBackwardArgs> prelu_backward{"ref", everything, run_backward};

}  // namespace redbud::kernels::ref
