#include "redbud/kernels/elementwise.h"

#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

template <class T>
void add_rows(const AddProblem& p, const AddArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* x = a.x.row<T>(n);
    T* y = a.y.row<T>(n);
    for (int64_t k = 0; k < p.features; ++k) y[k] = p.accumulate ? y[k] + x[k] : x[k];
  }
}

void run(const AddProblem& p, const AddArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { add_rows<T>(p, a); });
}

}  // namespace

const Kernel<AddProblem, AddArgs> add{"ref", everything, run};

}  // namespace redbud::kernels::ref
