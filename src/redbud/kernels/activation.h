#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// The activations. All but prelu and rrelu are pointwise functions with fixed constants; those two are a layer's
/// business (kernels/prelu.h, kernels/rrelu.h) and never reach the kernels of this file.
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
  Relu6,
  Gelu,
  GeluTanh,
  Silu,
  Mish,
  HardSwish,
  Prelu,
  Rrelu,
  StoredSlope  // in gradients: of values that were stored with their slopes; has no name
};

/// An activation with its constants.
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
///   hard_sigmoid  min(max(alpha * z + 1/2, 0), 1)             alpha 1/6     0 < y < 1 ? alpha : 0
///   relu6       min(max(z, 0), 6)                                           0 < y < 6 ? 1 : 0
///   gelu        z * P(z), P the normal distribution function                P(z) + z * exp(-z^2 / 2) / sqrt(2 pi)
///   gelu_tanh   z * logistic(v), v = sqrt(8 / pi) * (z + 0.044715 * z^3)    s + z * s * (1 - s) * dv/dz, s =
///   logistic(v) silu        z * s, s = logistic(z)                                      s * (1 + z * (1 - s)) mish z *
///   t, t = tanh(log(1 + exp(z)))                            t + z * (1 - t^2) * logistic(z) hard_swish  z * min(max((z
///   + 3) / 6, 0), 1)                             z <= -3 ? 0 : z >= 3 ? 1 : (2 z + 3) / 6 prelu       z > 0 ? z : a[k]
///   * z                          a learned, starts at alpha 0.25 (He et al. 2015) rrelu       z > 0 ? z : a * z a
///   uniform in [alpha, upper] = [1/8, 1/3] in training, else their mean (Xu et al. 2015)
///
/// The last five pointwise ones, gelu to hard_swish, fall and rise again: their derivative is computed from z, so that
/// z or the derivative must be kept. For all others it is computed from y.
///
/// Precision of the vector kernels, in units in the last place of the float next to the true value, over all floats,
/// denormal ones, infinities and NaN included (a NaN stays one; the values at -inf and inf are the limits): `ulps` of
/// the table in kernels/activation.cpp, which a test holds them to.
/// Source  Hendrycks, Gimpel 2016 (gelu); Elfwing et al. 2017 (silu); Misra 2019 (mish); Howard et al. 2019
/// (hard_swish)
struct Activation {
  ActivationKind kind = ActivationKind::Identity;
  double alpha = 0.0;  // a slope; the lower one of rrelu
  double scale = 1.0;
  double upper = 0.0;  // slope of rrelu

  bool is_identity() const { return kind == ActivationKind::Identity; }
  friend bool operator==(const Activation&, const Activation&) = default;
};

/// A constant that a run file may set.
struct ActivationConstant {
  std::string_view key;
  double Activation::*member;
  double min = 0.0;  // below 0 y wouldn't tell which side of 0 z is on
};

/// A line of the table of activations.
struct ActivationInfo {
  std::string_view name;
  Activation defaults;
  std::vector<ActivationConstant> constants;
  double ulps = 0.0;                   // greatest distance of the vector kernel's y from the true one
  bool derivative_from_input = false;  // from z; else from y
};
std::span<const ActivationInfo> activation_table();
const ActivationInfo& info_of(ActivationKind kind);

/// Whether f' is computed from z: then z must be kept until the gradient is done, and y must not take its place.
inline bool derivative_from_input(const Activation& activation) {
  return info_of(activation.kind).derivative_from_input;
}

/// The activation of a network that no longer trains: rrelu becomes leaky_relu with the mean of its slopes.
Activation in_prediction(const Activation& activation);

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

/// y = f(z) and slope = f'(z), where the derivative is computed from the input: both share most of the work.
/// Shapes    z, y, slope (rows, features); y may be z
struct ActivationSlopesArgs {
  Matrix z, y, slope;
};
std::span<const Kernel<ActivationForwardProblem, ActivationSlopesArgs>> activation_slopes_kernels();

/// dz = dy * f'(at), where `at` is z for activations whose derivative is computed from the input, y for all others, and
/// f' itself for StoredSlope.
/// Shapes    dy, at, dz (rows, features); dz may be dy
struct ActivationBackwardProblem {
  DType type = DType::F32;
  int64_t rows = 0;
  int64_t features = 0;
  Activation activation;
};
struct ActivationBackwardArgs {
  Matrix dy, at, dz;
};
std::span<const Kernel<ActivationBackwardProblem, ActivationBackwardArgs>> activation_backward_kernels();

}  // namespace redbud::kernels
