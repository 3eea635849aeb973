#pragma once
#include <span>
#include <string_view>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// The pointwise functions. Their derivative is computed from their output y (so z needn't be kept).
enum class ActivationKind {
  Identity,
  Elu,
  Relu,
  LeakyRelu,
  Selu,
  Logistic,
  Tanh,
  Softplus,
  Softsign,
  HardSigmoid,
  Relu6
};

/// A pointwise function with its constants.
///
///   elu         z > 0 ? z : alpha * (exp(z) - 1)              alpha 1       dy/dz = y > 0 ? 1 : y + alpha
///   relu        max(z, 0)                                                   y > 0 ? 1 : 0
///   leaky_relu  z > 0 ? z : alpha * z                         alpha 0.01    y > 0 ? 1 : alpha
///   selu        scale * elu(z)           alpha 1.6732632423543772, scale 1.0507009873554805 (Klambauer et al. 2017)
///                                                                           y > 0 ? scale : y + scale * alpha
///   logistic    1 / (1 + exp(-z))                                           y * (1 - y)
///   tanh        tanh(z)                                                     1 - y^2
///   softplus    log(1 + exp(z))                                             1 - exp(-y)
///   softsign    z / (1 + |z|)                                               (1 - |y|)^2
///   hard_sigmoid  min(max((z + 3) / 6, 0), 1)                               0 < y < 1 ? 1/6 : 0
///   relu6       min(max(z, 0), 6)                                           0 < y < 6 ? 1 : 0
struct Activation {
  ActivationKind kind = ActivationKind::Identity;
  double alpha = 0.0;
  double scale = 1.0;

  bool is_identity() const { return kind == ActivationKind::Identity; }
  friend bool operator==(const Activation&, const Activation&) = default;
};

/// y = f(z), row by row.
/// Shapes    z (rows, features)   y (rows, features); y may be z
struct ActivationForwardProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  Activation activation;
};
struct ActivationForwardArgs {
  Matrix z, y;
};
std::span<const Kernel<ActivationForwardProblem, ActivationForwardArgs>> activation_forward_kernels();

/// dz = dy * f'(y).
/// Shapes    dy, y, dz (rows, features); dz may be dy
struct ActivationBackwardProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  Activation activation;
};
struct ActivationBackwardArgs {
  Matrix dy, y, dz;
};
std::span<const Kernel<ActivationBackwardProblem, ActivationBackwardArgs>> activation_backward_kernels();

}  // namespace redbud::kernels
