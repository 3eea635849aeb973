#pragma once
#include "redbud/optim/gradient_transform.h"
#include "redbud/optim/muon_gate.h"

namespace redbud {

using TransformPtr = std::unique_ptr<const GradientTransform>;

/// g *= min(1, limit / |g|), for each parameter tensor by itself.
TransformPtr clip_by_tensor_norm(double limit);
/// g *= min(1, limit / |g|), with the norm over all that trains.
TransformPtr clip_by_global_norm(double limit);
/// g = min(max(g, -limit), limit)
TransformPtr clip_by_value(double limit);
/// After the learning rate: g so that w + g is nearer to 0 by learning_rate * l1, or 0 exactly; `shown`: in the
/// description (Duchi, Singer 2009)
TransformPtr shrink_by_l1(std::string shown);
/// g += decay * w: l2 before the rule, decoupled weight decay after it
TransformPtr add_decayed_weights(double ParameterSettings::*decay, std::string text);
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
/// s and the average gradient m by rho;  g = g / (sqrt(s - m^2) + epsilon)
TransformPtr scale_by_centered_rms(double rho, double epsilon);
/// s += g^2;  g = g / (sqrt(s) + epsilon)                                                 (Duchi et al. 2011)
TransformPtr scale_by_adagrad(double epsilon);
/// s = rho * s + (1 - rho) * g^2;  g = g * sqrt(d + epsilon) / sqrt(s + epsilon);  d likewise of the new g^2
/// (Zeiler 2012, arXiv 1212.5701)
TransformPtr scale_by_adadelta(double rho, double epsilon);
/// m as adam;  u = max(b2 * u, |g| + epsilon);  g = m / (1 - b1^t) / u                     (Kingma, Ba 2015)
TransformPtr scale_by_adamax(const AdamConstants& constants);
/// adam with b1 * m / (1 - b1^(t + 1)) + (1 - b1) * g / (1 - b1^t) in the place of m / (1 - b1^t)   (Dozat 2016)
TransformPtr scale_by_nadam(const AdamConstants& constants);
/// adam with the greatest v so far in the place of v                                      (Reddi et al. 2018)
TransformPtr scale_by_amsgrad(const AdamConstants& constants);
/// adam times radam_rectifier; without its denominator as long as that is 0               (Liu et al. 2020)
TransformPtr scale_by_radam(const AdamConstants& constants);
/// g = sign(b1 * m + (1 - b1) * g);  m = b2 * m + (1 - b2) * g                             (Chen et al. 2023)
TransformPtr scale_by_lion(double beta1, double beta2);
/// d = adam + weight_decay * w, as it stands;  for each tensor g = d * |w| / |d|, or d where either norm is 0
/// (You et al. 2020)
TransformPtr scale_by_trust_ratio();
/// g so that w + g is the new weight: kernels/optimizer_step.h has both rules. Nothing may follow but a max-norm.
TransformPtr step_by_ftrl(double beta);
TransformPtr step_by_schedule_free(const AdamConstants& constants);
/// For each weight matrix: nadam's average of the gradient, made orthogonal by five Newton-Schulz steps, times
/// 0.2 * sqrt(max(inputs, outputs)), which is about as long as adam's. adam for all other parameters, and where `gate`
/// says so.                                                     (Jordan et al. 2024; Liu et al. 2025, arXiv 2502.16982)
TransformPtr scale_by_muon(double momentum, const AdamConstants& constants, const MuonGate& gate);
/// How far the variance that adam divides by can be trusted after `step` updates: 0 (not yet) to 1.
double radam_rectifier(double beta2, int64_t step);
/// g = -learning_rate * g; `shown`: in the description
TransformPtr scale_by_learning_rate(std::string shown);

}  // namespace redbud
