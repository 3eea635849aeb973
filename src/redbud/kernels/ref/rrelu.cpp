#include "redbud/kernels/rrelu.h"

#include "redbud/kernels/ref/pointwise_kernels.h"
#include "redbud/kernels/ref/rectifiers.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
void forward(const RreluForwardProblem& p, const RreluForwardArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    for (int64_t k = 0; k < p.features; ++k) {
      const double z = a.z.row<T>(n)[k];
      const double drawn =
          p.lower + (p.upper - p.lower) * static_cast<double>(random_uniform(a.key, n * p.features + k));
      const double slope = z > 0 ? 1.0 : drawn;
      a.slope.row<T>(n)[k] = static_cast<T>(slope);
      a.y.row<T>(n)[k] = static_cast<T>(slope * z);
    }
  }
}

void run_forward(const RreluForwardProblem& p, const RreluForwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { forward<T>(p, a); });
}

}  // namespace

const Kernel<RreluForwardProblem, RreluForwardArgs> rrelu_forward{"ref", everything, run_forward};

}  // namespace redbud::kernels::ref
