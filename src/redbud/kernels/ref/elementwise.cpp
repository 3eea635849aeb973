#include "redbud/kernels/elementwise.h"

#include <cmath>

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

template <class T>
void multiply_rows(const MultiplyProblem& p, const MultiplyArgs& m) {
  for (int64_t n = 0; n < p.rows; ++n) {
    for (int64_t k = 0; k < p.features; ++k) m.y.row<T>(n)[k] = m.a.row<T>(n)[k] * m.b.row<T>(n)[k];
  }
}

template <class T>
void exp_rows(const ExpProblem& p, const ExpArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    for (int64_t k = 0; k < p.features; ++k) {
      a.y.row<T>(n)[k] = static_cast<T>(std::exp(static_cast<double>(a.x.row<T>(n)[k])));
    }
  }
}

void run(const AddProblem& p, const AddArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { add_rows<T>(p, a); });
}

void run_multiply(const MultiplyProblem& p, const MultiplyArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { multiply_rows<T>(p, a); });
}

void run_exp(const ExpProblem& p, const ExpArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { exp_rows<T>(p, a); });
}

}  // namespace

const Kernel<AddProblem, AddArgs> add{"ref", everything, run};
const Kernel<MultiplyProblem, MultiplyArgs> multiply{"ref", everything, run_multiply};
const Kernel<ExpProblem, ExpArgs> exp{"ref", everything, run_exp};

}  // namespace redbud::kernels::ref
