#pragma once
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
  }
  return T(1);
}

}  // namespace redbud::kernels::ref
