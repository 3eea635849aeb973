#include "redbud/kernels/ref/layer_norm.h"

#include <cmath>

#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

/// The k-th of an array that may be left out.
template <class T>
double value_or(const void* array, int64_t k, double otherwise) {
  return array != nullptr ? static_cast<double>(static_cast<const T*>(array)[k]) : otherwise;
}

template <class T>
void forward(const LayerNormProblem& p, const LayerNormForwardArgs& a) {
  const auto features = static_cast<double>(p.features);
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* x = a.x.row<T>(n);
    T* y = a.y.row<T>(n);
    double sum = 0.0;
    for (int64_t k = 0; k < p.features; ++k) sum += x[k];
    const double mean = sum / features;
    double squares = 0.0;
    for (int64_t k = 0; k < p.features; ++k) squares += (x[k] - mean) * (x[k] - mean);
    const double inv = 1.0 / std::sqrt(squares / features + p.epsilon);
    static_cast<T*>(a.mean)[n] = static_cast<T>(mean);
    static_cast<T*>(a.inv)[n] = static_cast<T>(inv);
    for (int64_t k = 0; k < p.features; ++k) {
      y[k] = static_cast<T>(value_or<T>(a.gamma, k, 1.0) * (x[k] - mean) * inv + value_or<T>(a.beta, k, 0.0));
    }
  }
}

template <class T>
void input_gradient(const LayerNormProblem& p, const LayerNormBackwardArgs& a) {
  const auto features = static_cast<double>(p.features);
  for (int64_t n = 0; n < p.rows; ++n) {
    const double mean = static_cast<const T*>(a.mean)[n];
    const double inv = static_cast<const T*>(a.inv)[n];
    const auto g = [&](int64_t k) { return a.dy.row<T>(n)[k] * value_or<T>(a.gamma, k, 1.0); };
    const auto xhat = [&](int64_t k) { return (a.x.row<T>(n)[k] - mean) * inv; };
    double sum = 0.0;
    double sum_xhat = 0.0;
    for (int64_t k = 0; k < p.features; ++k) {
      sum += g(k);
      sum_xhat += g(k) * xhat(k);
    }
    for (int64_t k = 0; k < p.features; ++k) {
      a.dx.row<T>(n)[k] = static_cast<T>(inv * (g(k) - sum / features - xhat(k) * sum_xhat / features));
    }
  }
}

template <class T>
void store_sum(void* array, int64_t k, bool accumulate, double sum) {
  if (array == nullptr) return;
  T& value = static_cast<T*>(array)[k];
  value = static_cast<T>(accumulate ? value + sum : sum);
}

template <class T>
void backward(const LayerNormProblem& p, const LayerNormBackwardArgs& a) {
  for (int64_t k = 0; k < p.features; ++k) {
    double sum = 0.0;
    double sum_xhat = 0.0;
    for (int64_t n = 0; n < p.rows; ++n) {
      const double dy = a.dy.row<T>(n)[k];
      const double mean = static_cast<const T*>(a.mean)[n];
      const double inv = static_cast<const T*>(a.inv)[n];
      sum += dy;
      sum_xhat += dy * (a.x.row<T>(n)[k] - mean) * inv;
    }
    store_sum<T>(a.dbeta, k, p.accumulate, sum);
    store_sum<T>(a.dgamma, k, p.accumulate, sum_xhat);
  }
  if (a.dx.data != nullptr) input_gradient<T>(p, a);  // last: it may overwrite dy
}

void run_forward(const LayerNormProblem& p, const LayerNormForwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { forward<T>(p, a); });
}

void run_backward(const LayerNormProblem& p, const LayerNormBackwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { backward<T>(p, a); });
}

}  // namespace

const Kernel<LayerNormProblem, LayerNormForwardArgs> layer_norm_forward{"ref", everything, run_forward};
const Kernel<LayerNormProblem, LayerNormBackwardArgs> layer_norm_backward{"ref", everything, run_backward};

}  // namespace redbud::kernels::ref
