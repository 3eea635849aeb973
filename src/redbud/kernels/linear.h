#pragma once
#include <span>

#include "redbud/kernels/activation.h"
#include "redbud/kernels/kernel.h"
#include "redbud/kernels/row_chunks.h"

namespace redbud::kernels {

/// A fully connected layer's product, with bias and activation in its write-back.
///
///   y[n,k] = f(b[k] + sum_c x[n,c] * w[c,k])
///
/// Shapes    x (rows, inputs)   w (inputs, outputs), dense: stride = outputs   b (outputs)   y (rows, outputs)
/// Types     all f32 (sums in f32, over c in one fixed order), or all f64 in the reference
struct LinearForwardProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t inputs = 0;
  int64_t outputs = 0;
  bool bias = true;
  Activation activation = {};
};
struct LinearForwardArgs {
  Matrix x, w, y;
  const void* b = nullptr;
};
std::span<const Kernel<LinearForwardProblem, LinearForwardArgs>> linear_forward_kernels();

/// The gradient of the input, times the derivative of the activation that made the input, if one is given.
///
///   dx[n,c] = (sum_k dy[n,k] * w[c,k]) * f'(at[n,c])      at: x, or what f made it of (kernels/activation.h)
///
/// Shapes    dy (rows, outputs)   w (inputs, outputs)   at, dx (rows, inputs)
/// Backward  dx is overwritten
/// Memory    scratch: linear_input_gradient_scratch_bytes(problem) bytes, aligned to 64. None today: the weights are
/// transposed
///           a panel at a time, which fits the threads' own memory
struct LinearInputGradientProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t inputs = 0;
  int64_t outputs = 0;
  Activation activation = {};  // of the layer below; identity: `at` is not read
};
struct LinearInputGradientArgs {
  Matrix dy, w, at, dx;
  void* scratch = nullptr;
};
std::span<const Kernel<LinearInputGradientProblem, LinearInputGradientArgs>> linear_input_gradient_kernels();
int64_t linear_input_gradient_scratch_bytes(const LinearInputGradientProblem& problem);

/// The gradients of weights and bias, summed over the rows in one fixed order.
///
///   dw[c,k] (+)= sum_n x[n,c] * dy[n,k]      db[k] (+)= sum_n dy[n,k]
///
/// Shapes    x (rows, inputs)   dy (rows, outputs)   dw (inputs, outputs), dense   db (outputs)
/// Backward  overwritten, or added to if `accumulate` (a shared parameter's later uses)
/// Memory    scratch: linear_weight_gradient_scratch_bytes(problem) bytes, aligned to 64; null: the rows are summed in
/// one go, which several threads share worse
struct LinearWeightGradientProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t inputs = 0;
  int64_t outputs = 0;
  bool bias = true;
  bool accumulate = false;
};
struct LinearWeightGradientArgs {
  Matrix x, dy, dw;
  void* db = nullptr;
  void* scratch = nullptr;
  KernelPart part = {};  // with scratch bytes only
};
std::span<const Kernel<LinearWeightGradientProblem, LinearWeightGradientArgs>> linear_weight_gradient_kernels();
int64_t linear_weight_gradient_scratch_bytes(const LinearWeightGradientProblem& problem);

}  // namespace redbud::kernels
