#pragma once
#include <cstdint>
#include <span>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// Layer normalisation: each row by its own mean and variance.
///
///   mean[n] = sum_k x[n,k] / K      var[n] = sum_k (x[n,k] - mean[n])^2 / K      inv[n] = 1 / sqrt(var[n] + epsilon)
///   y[n,k]  = gamma[k] * (x[n,k] - mean[n]) * inv[n] + beta[k]
///
/// Shapes    x, y (rows, features); y may be x   gamma, beta (features)   mean, inv (rows)
/// Source    Ba, Kiros, Hinton 2016 (arXiv 1607.06450)
struct LayerNormProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  double epsilon = 1e-5;
  bool accumulate = false;  // backward: dgamma, dbeta are added to
};
struct LayerNormForwardArgs {
  Matrix x, y;
  const void* gamma = nullptr;  // null: 1
  const void* beta = nullptr;   // null: 0
  void* mean = nullptr;
  void* inv = nullptr;
};
std::span<const Kernel<LayerNormProblem, LayerNormForwardArgs>> layer_norm_forward_kernels();

/// Its gradients. With xhat = (x - mean) * inv and g = dy * gamma:
///
///   dx[n,k] = inv[n] * (g - sum_k g / K - xhat * (sum_k g * xhat) / K)
///   dgamma[k] (+)= sum_n dy * xhat      dbeta[k] (+)= sum_n dy
///
/// Sums over n in one fixed order.
/// Shapes    dy, x, dx (rows, features); dx may be dy; no dx (data null): only dgamma and dbeta are wanted
struct LayerNormBackwardArgs {
  Matrix dy, x, dx;
  const void* gamma = nullptr;
  const void* mean = nullptr;
  const void* inv = nullptr;
  void* dgamma = nullptr;  // null: not wanted
  void* dbeta = nullptr;
};
std::span<const Kernel<LayerNormProblem, LayerNormBackwardArgs>> layer_norm_backward_kernels();

}  // namespace redbud::kernels
