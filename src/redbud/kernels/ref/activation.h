#pragma once
#include <algorithm>
#include <cmath>

#include "redbud/kernels/activation.h"

namespace redbud::kernels::ref {

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
      return T(1) / (T(1) + std::exp(-z));
    case ActivationKind::Tanh:
      return std::tanh(z);
    case ActivationKind::Softplus:
      return std::max(z, T(0)) + std::log1p(std::exp(-std::abs(z)));
    case ActivationKind::Softsign:
      return std::isinf(z) ? std::copysign(T(1), z) : z / (T(1) + std::abs(z));
    case ActivationKind::HardSigmoid:
      return std::clamp((z + T(3)) / T(6), T(0), T(1));
    case ActivationKind::Relu6:
      return z < 0 ? T(0) : z > 6 ? T(6) : z;
  }
  return z;
}

/// f'(z) from y = f(z).
template <class T>
T activation_gradient(const Activation& activation, T y) {
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
      return y > 0 && y < 1 ? T(1) / T(6) : T(0);
    case ActivationKind::Relu6:
      return y > 0 && y < 6 ? T(1) : T(0);
  }
  return T(1);
}

}  // namespace redbud::kernels::ref
