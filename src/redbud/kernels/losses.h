#pragma once
#include <cstdint>
#include <span>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// The numbers that some losses are made with; each loss reads its own.
struct LossConstants {
  double label_smoothing = 0.0;  // e of the cross entropies
  double delta = 1.0;            // of huber
  double q = 0.5;                // of quantile
  double gamma = 2.0;            // of focal, sigmoid_focal
  double alpha = 1.0;            // of focal, sigmoid_focal
};

/// What all losses share: the mean over the rows (or the weighted mean, sum of w*l / sum of w), in double, in one fixed
/// order, and the gradient of that mean with respect to the scores. Weights that sum to 0 give the loss 0 and the
/// gradient 0.
struct LossProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t outputs = 0;
  bool weighted = false;
  bool gradient = true;  // false: only the loss
  bool soft = false;     // losses of classes: the target is a share of each class, which sum to 1
  LossConstants constants = {};
};
struct LossArgs {
  Matrix scores;  // logits, or predictions (rows, outputs)
  Matrix target;  // of classes: int32 class index, (rows, 1). All others, and if soft: type of scores, (rows, outputs)
  const void* weight = nullptr;  // (rows), type of scores
  Matrix dscores;                // (rows, outputs); may be scores
  double* loss = nullptr;        // one value
};
using LossKernel = Kernel<LossProblem, LossArgs>;

// --- of classes: the target is one class a row ---

///   l = log(sum_k exp(s[k])) - sum_k u[k] s[k]         ds[k] = softmax(s)[k] - u[k]
///   u[k] = (1 - e) [k == t] + e / outputs; if soft, the target's shares stand for [k == t]
std::span<const LossKernel> softmax_cross_entropy_kernels();

///   l = -alpha (1 - p)^gamma log(p), p = softmax(s)[t]
///   ds[k] = alpha ((1 - p)^gamma - gamma p (1 - p)^(gamma - 1) log(p)) (softmax(s)[k] - [k == t])
/// Not soft.  Source  Lin et al. 2017: Focal loss for dense object detection, equation 5
std::span<const LossKernel> focal_kernels();

///   l = max(0, 1 + max_{k != t} s[k] - s[t])           ds[t] = -1, ds[that k] = 1 where l > 0 (the first k of equals)
/// Two classes: the hinge of s[t] - s[other]. Not soft.  Source  Crammer, Singer 2001
std::span<const LossKernel> hinge_kernels();

// --- of labels: each output is 0 or 1; a row's loss is the sum over the outputs ---

///   l = max(s,0) - s*u + log(1 + exp(-|s|)), u = (1 - e) t + e / 2     ds = logistic(s) - u
std::span<const LossKernel> sigmoid_cross_entropy_kernels();

///   l = -a (1 - p)^gamma log(p), with p = logistic(s), a = alpha where t = 1; p = logistic(-s), a = 1 - alpha where t
///   = 0
/// Source  Lin et al. 2017, equation 5
std::span<const LossKernel> sigmoid_focal_kernels();

///   l = max(0, 1 - y s), y = 2t - 1                    ds = -y where l > 0
std::span<const LossKernel> binary_hinge_kernels();

// --- of numbers: a row's loss is the mean over the outputs; d = s - t ---

///   l = d^2                                            ds = 2 d
std::span<const LossKernel> mean_squared_error_kernels();

///   l = |d|                                            ds = sign(d), 0 where d = 0
std::span<const LossKernel> mean_absolute_error_kernels();

///   l = d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2)       ds = d cut to [-delta, delta]
/// Source  Huber 1964: Robust estimation of a location parameter
std::span<const LossKernel> huber_kernels();

///   l = max(-q d, (1 - q) d)                           ds = -q where d < 0, 1 - q where d > 0, 0 where d = 0
/// Source  Koenker, Bassett 1978: Regression quantiles
std::span<const LossKernel> quantile_kernels();

///   l = exp(s) - t s: the rate is exp(s); log(t!) is left out          ds = exp(s) - t
std::span<const LossKernel> poisson_kernels();

// --- of vectors ---

///   l = 1 - s.t / (|s| |t|)                            ds = (s (s.t) / |s|^2 - t) / (|s| |t|)
/// Where s or t is zero: l = 1, ds = 0.
std::span<const LossKernel> cosine_kernels();

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
