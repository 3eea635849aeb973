#pragma once
#include <cstdint>
#include <span>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// What all losses share: the mean over the rows (or the weighted mean, sum of w*l / sum of w), in double, in one fixed
/// order, and the gradient of that mean with respect to the scores. Weights that sum to 0 give the loss 0 and the
/// gradient 0.
struct LossProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t outputs = 0;
  bool weighted = false;
  bool gradient = true;  // false: only the loss
};
struct LossArgs {
  Matrix scores;  // logits (rows, outputs); predictions for mean_squared_error
  Matrix target;  // softmax: int32 class index, (rows, 1). sigmoid, squared error: same type as scores, (rows, outputs)
  const void* weight = nullptr;  // (rows), type of scores
  Matrix dscores;                // (rows, outputs); may be scores
  double* loss = nullptr;        // one value
};
using LossKernel = Kernel<LossProblem, LossArgs>;

///   l[n] = log(sum_k exp(s[n,k])) - s[n, t[n]]        ds[n,k] = (softmax(s)[n,k] - [k == t[n]]) * w[n] / sum w
std::span<const LossKernel> softmax_cross_entropy_kernels();

///   l[n] = sum_k max(s,0) - s*t + log(1 + exp(-|s|))   ds[n,k] = (logistic(s) - t) * w[n] / sum w
std::span<const LossKernel> sigmoid_cross_entropy_kernels();

///   l[n] = sum_k (s - t)^2 / outputs                   ds[n,k] = 2 (s - t) / outputs * w[n] / sum w
std::span<const LossKernel> mean_squared_error_kernels();

/// y = softmax(s) row by row, with the largest score taken off first. y may be s.
struct SoftmaxProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
};
struct SoftmaxForwardArgs {
  Matrix z, y;
};
std::span<const Kernel<SoftmaxProblem, SoftmaxForwardArgs>> softmax_forward_kernels();

/// dz = y * (dy - sum_k dy*y). dz may be dy.
struct SoftmaxBackwardArgs {
  Matrix dy, y, dz;
};
std::span<const Kernel<SoftmaxProblem, SoftmaxBackwardArgs>> softmax_backward_kernels();

}  // namespace redbud::kernels
