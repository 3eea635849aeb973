#include "redbud/kernels/ref/linear.h"

#include "redbud/kernels/ref/activation.h"

namespace redbud::kernels::ref {
namespace {

// y[n,k] = f(b[k] + sum_c x[n,c] * w[c,k])
template <class T>
void forward(const LinearForwardProblem& p, const LinearForwardArgs& a) {
  const T* b = static_cast<const T*>(a.b);
  for (int64_t n = 0; n < p.rows; ++n) {
    for (int64_t k = 0; k < p.outputs; ++k) {
      double z = p.bias ? double{b[k]} : 0.0;
      for (int64_t c = 0; c < p.inputs; ++c) z += double{a.x.row<T>(n)[c]} * double{a.w.row<T>(c)[k]};
      a.y.row<T>(n)[k] = static_cast<T>(activate(p.activation, z));
    }
  }
}

// dx[n,c] = (sum_k dy[n,k] * w[c,k]) * f'(at[n,c])
template <class T>
void input_gradient(const LinearInputGradientProblem& p, const LinearInputGradientArgs& a) {
  for (int64_t n = 0; n < p.rows; ++n) {
    for (int64_t c = 0; c < p.inputs; ++c) {
      double d = 0.0;
      for (int64_t k = 0; k < p.outputs; ++k) d += double{a.dy.row<T>(n)[k]} * double{a.w.row<T>(c)[k]};
      if (!p.activation.is_identity()) d *= activation_gradient(p.activation, double{a.at.row<T>(n)[c]});
      a.dx.row<T>(n)[c] = static_cast<T>(d);
    }
  }
}

// dw[c,k] (+)= sum_n x[n,c] * dy[n,k]      db[k] (+)= sum_n dy[n,k]
template <class T>
void weight_gradient(const LinearWeightGradientProblem& p, const LinearWeightGradientArgs& a) {
  for (int64_t c = 0; c < p.inputs; ++c) {
    for (int64_t k = 0; k < p.outputs; ++k) {
      T& dw = a.dw.row<T>(c)[k];
      double d = p.accumulate ? double{dw} : 0.0;
      for (int64_t n = 0; n < p.rows; ++n) d += double{a.x.row<T>(n)[c]} * double{a.dy.row<T>(n)[k]};
      dw = static_cast<T>(d);
    }
  }
  if (!p.bias) return;
  T* db = static_cast<T*>(a.db);
  for (int64_t k = 0; k < p.outputs; ++k) {
    double d = p.accumulate ? double{db[k]} : 0.0;
    for (int64_t n = 0; n < p.rows; ++n) d += double{a.dy.row<T>(n)[k]};
    db[k] = static_cast<T>(d);
  }
}

}  // namespace

void linear_forward(const LinearForwardProblem& problem, const LinearForwardArgs& args, ThreadPool&) {
  with_scalar(problem.type, [&]<class T>() { forward<T>(problem, args); });
}

void linear_input_gradient(const LinearInputGradientProblem& problem, const LinearInputGradientArgs& args,
                           ThreadPool&) {
  with_scalar(problem.type, [&]<class T>() { input_gradient<T>(problem, args); });
}

void linear_weight_gradient(const LinearWeightGradientProblem& problem, const LinearWeightGradientArgs& args,
                            ThreadPool&) {
  with_scalar(problem.type, [&]<class T>() { weight_gradient<T>(problem, args); });
}

}  // namespace redbud::kernels::ref
