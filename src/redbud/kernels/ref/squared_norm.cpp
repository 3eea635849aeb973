#include <cmath>

#include "redbud/kernels/optimizer_step.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
void norm(const SquaredNormProblem& p, const SquaredNormArgs& a) {
  const T* g = static_cast<const T*>(a.g);
  double sum = 0.0;
  bool finite = true;
  for (int64_t i = 0; i < p.size; ++i) {
    sum += static_cast<double>(g[i]) * static_cast<double>(g[i]);
    finite = finite && std::isfinite(g[i]);
  }
  *a.sum = sum;
  *a.finite = finite;
}

void run(const SquaredNormProblem& p, const SquaredNormArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { norm<T>(p, a); });
}

}  // namespace

const Kernel<SquaredNormProblem, SquaredNormArgs> squared_norm{"ref", everything, run};

}  // namespace redbud::kernels::ref
