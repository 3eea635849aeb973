#pragma once
#include <span>

#include "redbud/kernels/losses.h"

namespace redbud::kernels {

/// The logarithm of softmax, row by row, without its underflow.
///
///   y[n,k] = z[n,k] - m - log(sum_j exp(z[n,j] - m)), m the row's largest z
///
/// Shapes    z, y (rows, features); y may be z
std::span<const Kernel<SoftmaxProblem, SoftmaxForwardArgs>> log_softmax_forward_kernels();

/// dz = dy - exp(y) * sum_k dy. dz may be dy.
std::span<const Kernel<SoftmaxProblem, SoftmaxBackwardArgs>> log_softmax_backward_kernels();

}  // namespace redbud::kernels
