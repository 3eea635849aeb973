#include "redbud/kernels/batch_norm.h"

#include <cmath>

#include "redbud/kernels/ref/activation.h"
#include "redbud/kernels/ref/mask.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

/// The k-th of an array that may be left out.
template <class T>
double value_or(const void* array, int64_t k, double otherwise) {
  return array != nullptr ? static_cast<double>(static_cast<const T*>(array)[k]) : otherwise;
}

struct Statistics {
  double mean;
  double var;
};

template <class T>
Statistics column_statistics(const Matrix& z, int64_t rows, int64_t k) {
  double sum = 0.0;
  for (int64_t n = 0; n < rows; ++n) sum += z.row<T>(n)[k];
  const double mean = sum / static_cast<double>(rows);
  double squares = 0.0;
  for (int64_t n = 0; n < rows; ++n) {
    const double d = z.row<T>(n)[k] - mean;
    squares += d * d;
  }
  return {mean, squares / static_cast<double>(rows)};
}

template <class T>
void move_average(void* average, int64_t k, double momentum, double value) {
  if (average == nullptr) return;
  T& old = static_cast<T*>(average)[k];
  old = static_cast<T>(momentum * old + (1.0 - momentum) * value);
}

template <class T>
void forward(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a) {
  for (int64_t k = 0; k < p.features; ++k) {
    const auto [mean, var] = column_statistics<T>(a.z, p.rows, k);
    const double inv = 1.0 / std::sqrt(var + p.epsilon);
    static_cast<T*>(a.mean)[k] = static_cast<T>(mean);
    static_cast<T*>(a.inv)[k] = static_cast<T>(inv);
    move_average<T>(a.running_mean, k, p.momentum, mean);
    move_average<T>(a.running_var, k, p.momentum, var);
    const double gamma = value_or<T>(a.gamma, k, 1.0);
    const double beta = value_or<T>(a.beta, k, 0.0);
    for (int64_t n = 0; n < p.rows; ++n) {
      double y = activate<double>(p.activation, gamma * (a.z.row<T>(n)[k] - mean) * inv + beta);
      if (p.dropout) y = is_kept(a.mask, p.features, n, k) ? y * p.dropout_scale : 0.0;
      a.y.row<T>(n)[k] = static_cast<T>(y);
    }
  }
}

/// The gradient of what the normalisation puts out, before activation and dropout.
template <class T>
double normalised_gradient(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, int64_t n, int64_t k) {
  const double dy = a.dy.row<T>(n)[k];
  const double y = a.y.row<T>(n)[k];
  if (!p.dropout) return dy * activation_gradient<double>(p.activation, y);
  if (!is_kept(a.mask, p.features, n, k)) return 0.0;
  return dy * p.dropout_scale * activation_gradient<double>(p.activation, y / p.dropout_scale);
}

template <class T>
void store_sum(void* array, int64_t k, bool accumulate, double sum) {
  if (array == nullptr) return;
  T& value = static_cast<T*>(array)[k];
  value = static_cast<T>(accumulate ? value + sum : sum);
}

template <class T>
void backward(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a) {
  const double rows = static_cast<double>(p.rows);
  for (int64_t k = 0; k < p.features; ++k) {
    const double mean = static_cast<const T*>(a.mean)[k];
    const double inv = static_cast<const T*>(a.inv)[k];
    double sum = 0.0;
    double sum_xhat = 0.0;
    for (int64_t n = 0; n < p.rows; ++n) {
      const double dbn = normalised_gradient<T>(p, a, n, k);
      sum += dbn;
      sum_xhat += dbn * (a.z.row<T>(n)[k] - mean) * inv;
    }
    store_sum<T>(a.dbeta, k, p.accumulate, sum);
    store_sum<T>(a.dgamma, k, p.accumulate, sum_xhat);
    if (a.dz.data == nullptr) continue;
    const double gamma = value_or<T>(a.gamma, k, 1.0);
    for (int64_t n = 0; n < p.rows; ++n) {
      const double dbn = normalised_gradient<T>(p, a, n, k);
      const double xhat = (a.z.row<T>(n)[k] - mean) * inv;
      a.dz.row<T>(n)[k] = static_cast<T>(gamma * inv * (dbn - sum / rows - xhat * sum_xhat / rows));
    }
  }
}

template <class T>
void inference(const BatchNormInferenceProblem& p, const BatchNormInferenceArgs& a) {
  const double correction = batch_norm_correction(value_or<T>(a.steps, 0, -1.0), a.momentum);
  for (int64_t k = 0; k < p.features; ++k) {
    const auto [slope, shift] =
        batch_norm_affine(value_or<T>(a.running_mean, k, 0.0), static_cast<const T*>(a.running_var)[k], correction,
                          p.epsilon, value_or<T>(a.gamma, k, 1.0), value_or<T>(a.beta, k, 0.0));
    for (int64_t n = 0; n < p.rows; ++n) {
      a.y.row<T>(n)[k] = static_cast<T>(activate<double>(p.activation, slope * a.z.row<T>(n)[k] + shift));
    }
  }
}

void run_forward(const BatchNormForwardProblem& p, const BatchNormForwardArgs& a, ThreadPool&) {
  RB_ASSERT(p.rows >= 2 && a.part.kind == KernelPart::Kind::All);
  with_scalar(p.type, [&]<class T>() { forward<T>(p, a); });
}

void run_backward(const BatchNormBackwardProblem& p, const BatchNormBackwardArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { backward<T>(p, a); });
}

void run_inference(const BatchNormInferenceProblem& p, const BatchNormInferenceArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { inference<T>(p, a); });
}

}  // namespace

const Kernel<BatchNormForwardProblem, BatchNormForwardArgs> batch_norm_forward{"ref", everything, run_forward};
const Kernel<BatchNormBackwardProblem, BatchNormBackwardArgs> batch_norm_backward{"ref", everything, run_backward};
const Kernel<BatchNormInferenceProblem, BatchNormInferenceArgs> batch_norm_inference{"ref", everything, run_inference};

}  // namespace redbud::kernels::ref
