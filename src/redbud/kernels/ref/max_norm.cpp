#include "redbud/kernels/max_norm.h"

#include <cmath>

#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
void limit_units(const MaxNormProblem& p, const MaxNormArgs& a) {
  T* w = static_cast<T*>(a.w);
  for (int64_t k = 0; k < p.outputs; ++k) {
    double sum = 0.0;
    for (int64_t c = 0; c < p.inputs; ++c) {
      const auto v = static_cast<double>(w[c * p.outputs + k]);
      sum += v * v;
    }
    const double norm = std::sqrt(sum);
    if (!(norm > a.limit)) continue;
    for (int64_t c = 0; c < p.inputs; ++c) {
      T& v = w[c * p.outputs + k];
      v = static_cast<T>(static_cast<double>(v) * (a.limit / norm));
    }
  }
}

void run(const MaxNormProblem& p, const MaxNormArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { limit_units<T>(p, a); });
}

}  // namespace

const Kernel<MaxNormProblem, MaxNormArgs> max_norm{"ref", everything, run};

}  // namespace redbud::kernels::ref
