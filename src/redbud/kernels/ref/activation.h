#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>

#include "redbud/kernels/activation.h"

namespace redbud::kernels::ref {

/// The normal distribution function, to full relative precision in its lower tail.
template <class T>
T normal_distribution(T z) {
  return T(0.5) * std::erfc(-z * T(std::numbers::sqrt2 / 2.0));
}

template <class T>
T logistic(T z) {
  return T(1) / (T(1) + std::exp(-z));
}

/// sqrt(8 / pi) * (z + 0.044715 * z^3): gelu_tanh is z * logistic of it.
template <class T>
T gelu_tanh_argument(T z) {
  return T(2.0 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi) * (z + T(0.044715) * z * z * z);
}

/// z * gate(z) with its limit where z is -inf: the gate falls faster than z grows.
template <class T>
T gated(T z, T gate) {
  return gate == 0 ? T(-0.0) : z * gate;
}

/// f(z).
template <class T>
T activate(const Activation& activation, T z) {
  const T alpha = static_cast<T>(activation.alpha);
  const T scale = static_cast<T>(activation.scale);
  switch (activation.kind) {
    case ActivationKind::Identity:
      return z;
    case ActivationKind::Elu:
      return z > 0 ? z : alpha * std::expm1(z);
    case ActivationKind::Relu:
      return z < 0 ? T(0) : z;  // a NaN stays one
    case ActivationKind::LeakyRelu:
      return z > 0 ? z : alpha * z;
    case ActivationKind::Selu:
      return scale * (z > 0 ? z : alpha * std::expm1(z));
    case ActivationKind::Logistic:
      return logistic(z);
    case ActivationKind::Tanh:
      return std::tanh(z);
    case ActivationKind::Softplus:
      return std::max(z, T(0)) + std::log1p(std::exp(-std::abs(z)));
    case ActivationKind::Softsign:
      return std::isinf(z) ? std::copysign(T(1), z) : z / (T(1) + std::abs(z));
    case ActivationKind::HardSigmoid:
      return std::clamp(alpha * z + T(0.5), T(0), T(1));
    case ActivationKind::Relu6:
      return z < 0 ? T(0) : z > 6 ? T(6) : z;
    case ActivationKind::Gelu:
      return gated(z, normal_distribution(z));
    case ActivationKind::GeluTanh:
      return gated(z, logistic(gelu_tanh_argument(z)));
    case ActivationKind::Silu:
      return gated(z, logistic(z));
    case ActivationKind::Mish:
      return gated(z, z > 30 ? T(1) : std::tanh(std::log1p(std::exp(z))));
    case ActivationKind::HardSwish:
      return gated(z, std::clamp((z + T(3)) / T(6), T(0), T(1)));
    case ActivationKind::Prelu:
    case ActivationKind::Rrelu:
    case ActivationKind::StoredSlope:
      break;
  }
  RB_ASSERT(false && "not a pointwise function");
  return z;
}

/// The derivative at z of z * gate, where `slope` is the gate's own derivative.
template <class T>
T gated_gradient(T z, T gate, T slope) {
  return slope == 0 ? gate : gate + z * slope;
}

template <class T>
T gelu_gradient(T z) {
  const T density = std::exp(T(-0.5) * z * z) * T(std::numbers::inv_sqrtpi / std::numbers::sqrt2);
  return gated_gradient(z, normal_distribution(z), density);
}

template <class T>
T gelu_tanh_gradient(T z) {
  constexpr double kScale = 2.0 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  const T s = logistic(gelu_tanh_argument(z));
  const T rest = s * (1 - s);
  return rest == 0 ? s : s + z * rest * T(kScale) * (1 + T(3 * 0.044715) * z * z);
}

template <class T>
T mish_gradient(T z) {
  const T t = z > 30 ? T(1) : std::tanh(std::log1p(std::exp(z)));
  return gated_gradient(z, t, (1 - t * t) * logistic(z));
}

/// f'(z) from `at`: z itself where derivative_from_input(activation), else y = f(z).
template <class T>
T activation_gradient(const Activation& activation, T at) {
  const T y = at;
  const T z = at;
  const T alpha = static_cast<T>(activation.alpha);
  const T scale = static_cast<T>(activation.scale);
  switch (activation.kind) {
    case ActivationKind::Identity:
      return T(1);
    case ActivationKind::Elu:
      return y > 0 ? T(1) : y + alpha;
    case ActivationKind::Relu:
      return y > 0 ? T(1) : T(0);
    case ActivationKind::LeakyRelu:
      return y > 0 ? T(1) : alpha;
    case ActivationKind::Selu:
      return y > 0 ? scale : y + scale * alpha;
    case ActivationKind::Logistic:
      return y * (1 - y);
    case ActivationKind::Tanh:
      return 1 - y * y;
    case ActivationKind::Softplus:
      return -std::expm1(-y);
    case ActivationKind::Softsign:
      return (1 - std::abs(y)) * (1 - std::abs(y));
    case ActivationKind::HardSigmoid:
      return y > 0 && y < 1 ? alpha : T(0);
    case ActivationKind::Relu6:
      return y > 0 && y < 6 ? T(1) : T(0);
    case ActivationKind::Gelu:
      return gelu_gradient(z);
    case ActivationKind::GeluTanh:
      return gelu_tanh_gradient(z);
    case ActivationKind::Silu:
      return gated_gradient(z, logistic(z), logistic(z) * (1 - logistic(z)));
    case ActivationKind::Mish:
      return mish_gradient(z);
    case ActivationKind::HardSwish:
      return z <= -3 ? T(0) : z >= 3 ? T(1) : (2 * z + 3) / 6;
    case ActivationKind::StoredSlope:
      return at;
    case ActivationKind::Prelu:
    case ActivationKind::Rrelu:
      break;
  }
  RB_ASSERT(false && "not a pointwise function");
  return T(1);
}

}  // namespace redbud::kernels::ref
