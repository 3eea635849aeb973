#pragma once
#include "redbud/optim/gradient_transform.h"

namespace redbud {

using TransformPtr = std::unique_ptr<const GradientTransform>;

/// g *= min(1, limit / |g|), for each parameter tensor by itself.
TransformPtr clip_by_tensor_norm(double limit);
/// g *= min(1, limit / |g|), with the norm over all that trains.
TransformPtr clip_by_global_norm(double limit);
/// g = min(max(g, -limit), limit)
TransformPtr clip_by_value(double limit);
/// g += l1 * sign(w), where decayed
TransformPtr add_l1(double l1);
/// g += decay * w, where decayed: l2 before the rule, decoupled weight decay after it
TransformPtr add_decayed_weights(double decay, std::string name);
/// v = momentum * v + g;  g = v, with nesterov g + momentum * v
TransformPtr scale_by_momentum(double momentum, bool nesterov);
/// s = rho * s + (1 - rho) * g^2;  g = g / (sqrt(s) + epsilon)
TransformPtr scale_by_rms(double rho, double epsilon);
/// m = b1 * m + (1 - b1) * g;  v = b2 * v + (1 - b2) * g^2;  g = (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
struct AdamConstants {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};
TransformPtr scale_by_adam(const AdamConstants& constants);
/// g = -learning_rate * g
TransformPtr scale_by_learning_rate();

}  // namespace redbud
