#pragma once
#include <cstdint>
#include <span>

#include "redbud/kernels/activation.h"
#include "redbud/kernels/kernel.h"
#include "redbud/kernels/row_chunks.h"

namespace redbud::kernels {

/// Batch normalisation with the batch's own statistics, then an activation, then a dropout mask, in as few passes as
/// possible.
///
///   mean[k] = sum_n z[n,k] / N      var[k] = sum_n (z[n,k] - mean[k])^2 / N
///
///   inv[k]  = 1 / sqrt(var[k] + epsilon)
///
///   y[n,k]  = keep(n,k) * scale * f(gamma[k] * (z[n,k] - mean[k]) * inv[k] + beta[k])
///
///   running_mean[k] = momentum * running_mean[k] + (1 - momentum) * mean[k]     running_var alike
///
/// The variance is the population's, from two passes over data in cache: no cancellation.
///
/// Shapes    z, y (rows, features)   gamma, beta, mean, inv, running_* (features)   mask (rows, ceil(features / 8))
/// Needs     rows >= 2; scratch: batch_norm_scratch_bytes(rows, features) bytes, aligned to 64
/// Source    Ioffe, Szegedy 2015. The running averages start at 0 and are divided by 1 - momentum^steps where they are
/// used.
struct BatchNormForwardProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  double epsilon = 1e-3;
  double momentum = 0.99;
  Activation activation;
  bool dropout = false;
  double dropout_scale = 1.0;
};
struct BatchNormForwardArgs {
  Matrix z, y;
  const void* gamma = nullptr;  // null: 1
  const void* beta = nullptr;   // null: 0
  void* mean = nullptr;
  void* inv = nullptr;
  void* running_mean = nullptr;
  void* running_var = nullptr;
  const uint8_t* mask = nullptr;
  void* scratch = nullptr;  // the reference needs none
  KernelPart part = {};
};
std::span<const Kernel<BatchNormForwardProblem, BatchNormForwardArgs>> batch_norm_forward_kernels();

/// The gradients of the whole of it. With a[n,k] = f(...) before the dropout, xhat = (z - mean) * inv:
///
///   da = keep ? dy * scale : 0        dbn = da * f'(a), where a is recovered from y (kept: y / scale)
///   dbeta[k] (+)= sum_n dbn           dgamma[k] (+)= sum_n dbn * xhat
///   dz = gamma * inv * (dbn - sum_n dbn / N - xhat * (sum_n dbn * xhat) / N)
///
/// Where the mask says dropped, f'(a) doesn't matter. Sums over n in one fixed order.
/// Shapes    dy, z, y, dz (rows, features); dz may be dy; no dz (data null): only dgamma and dbeta are wanted
/// Needs     scratch as the forward pass does
struct BatchNormBackwardProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  Activation activation;
  bool dropout = false;
  double dropout_scale = 1.0;
  bool accumulate = false;  // dgamma, dbeta are added to
};
struct BatchNormBackwardArgs {
  Matrix dy, z, y, dz;
  const void* gamma = nullptr;
  const void* mean = nullptr;
  const void* inv = nullptr;
  const uint8_t* mask = nullptr;
  void* dgamma = nullptr;  // null: not wanted
  void* dbeta = nullptr;
  void* scratch = nullptr;
  KernelPart part = {};
};
std::span<const Kernel<BatchNormBackwardProblem, BatchNormBackwardArgs>> batch_norm_backward_kernels();

/// How many bytes, aligned to 64, `scratch` has room for: in either direction, sums over some of the rows.
int64_t batch_norm_scratch_bytes(int64_t rows, int64_t features);

/// The same with fixed statistics (prediction; a frozen layer): y = f(a[k] * z + c[k]), a = gamma / sqrt(var +
/// epsilon), c = beta - mean * a, with mean and var the running averages times `correction` (1 / (1 - momentum^steps)).
/// Without mean and beta it is the gradient of itself.
/// Shapes    z, y (rows, features); y may be z
struct BatchNormInferenceProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  double epsilon = 1e-3;
  Activation activation;
};
struct BatchNormInferenceArgs {
  Matrix z, y;
  const void* gamma = nullptr;
  const void* beta = nullptr;
  const void* running_mean = nullptr;  // null: 0
  const void* running_var = nullptr;
  const void* steps = nullptr;  // one element of the buffer type: how many batches the running averages have seen;
                                // null: exact statistics
  double momentum = 0.99;
};
std::span<const Kernel<BatchNormInferenceProblem, BatchNormInferenceArgs>> batch_norm_inference_kernels();

/// What running averages that started at 0 are multiplied by after `steps` batches: 1 / (1 - momentum^steps); 1 for
/// steps < 0 (exact statistics), 0 for no batch at all.
double batch_norm_correction(double steps, double momentum);

/// What inference multiplies a feature by and adds to it. With correction 0 (no batch seen yet) mean 0 and variance 1
/// are taken.
struct BatchNormAffine {
  double slope = 1.0;
  double shift = 0.0;
};
BatchNormAffine batch_norm_affine(double running_mean, double running_var, double correction, double epsilon,
                                  double gamma, double beta);

}  // namespace redbud::kernels
