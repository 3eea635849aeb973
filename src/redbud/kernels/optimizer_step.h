#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// One update of a flat block of parameters in one pass. All arrays have `size` elements of `type`.
///
/// First, for every rule:   g = clip(g * gradient_scale, -clip_value, clip_value) + l2 * w   (clip_value 0: no clip)
/// Then, before the step:   w -= lr * weight_decay * w   (with the old w)
/// At the end:              w = sign(w) * max(|w| - lr * l1, 0)   (the proximal step of l1: 0 is +0.0 exactly)
///
///   sgd       w -= lr * g
///   momentum  v = mu * v + g;  w -= lr * v            nesterov:  w -= lr * (g + mu * v)
///             (PyTorch's form; mu = momentum)
///   rmsprop   s = rho * s + (1 - rho) * g^2;  w -= lr * g / (sqrt(s) + eps)             (Tieleman, Hinton 2012)
///   adam      m = b1 * m + (1 - b1) * g;  v = b2 * v + (1 - b2) * g^2
///             w -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)                 (Kingma, Ba 2015)
///   lamb      d = -(adam's step, with lr 1) - weight_decay * w; w stays as it is        (You et al. 2020)
///   ftrl      n += g^2;  q = (beta + sqrt(n)) / lr;  v = (w != 0 ? w * (q + l2) + l1 * sign(w) : v) - g
///             w = sign(v) * max(|v| - l1, 0) / (q + l2)                                 (McMahan et al. 2013)
///             v is minus the paper's z, which w determines where w is not 0: so a rate may change along the run, and w
///             may be changed by others. The first step starts with v = w * q: around the weights that were drawn,
///             where the paper starts around 0. l1 and l2 are the rule's own, and nothing is shrunk at the end.
///   schedule_free_adamw   d = g / (sqrt(v / (1 - b2^t)) + eps) + weight_decay * w, with adam's v
///             w += share * (z - w) - lr * (1 - b1 * (1 - share)) * d;  z -= lr * d      (Defazio et al. 2024)
///             z begins as w; w is the paper's y. No l1.
/// adagrad, adadelta, adamax, nadam, amsgrad, radam, lion and centred rmsprop as optim/transforms/transforms.h has
/// them. State below 1e-36 in magnitude may be stored as 0. Moves, for adam, 28 bytes an f32 parameter.
struct OptimizerStepProblem {
  DType type = DType::F32;
  enum class Rule {
    Sgd,
    Momentum,
    Nesterov,
    RmsProp,
    CenteredRmsProp,
    Adagrad,
    Adadelta,
    Adam,
    Adamax,
    Nadam,
    AmsGrad,
    RAdam,
    Lion,
    Lamb,
    Ftrl,
    ScheduleFree
  } rule = Rule::Sgd;
  int64_t size = 0;
};
struct OptimizerStepArgs {
  void* w = nullptr;
  const void* g = nullptr;
  void* first = nullptr;  // momentum: v; adam and kin, lion, centred rmsprop: m; adadelta: d; ftrl: v; schedule-free: z
  void* second = nullptr;     // rmsprop, adagrad, adadelta: s; adam and kin, schedule-free: v; adamax: u; ftrl: n
  void* third = nullptr;      // amsgrad: the greatest v
  void* direction = nullptr;  // lamb: d
  double learning_rate = 0.0;
  double beta1 = 0.0;  // momentum: mu
  double beta2 = 0.0;  // rmsprop, adadelta: rho
  double epsilon = 0.0;
  double correction1 = 1.0;       // 1 - b1^t
  double correction2 = 1.0;       // 1 - b2^t
  double next_correction1 = 1.0;  // nadam: 1 - b1^(t + 1)
  double rectifier = 0.0;         // radam: of the step; 0: the variance is not used yet
  bool first_step = false;        // ftrl, schedule-free: of the run
  double beta = 0.0;              // ftrl
  double share = 0.0;             // schedule-free: of z in the average
  double gradient_scale = 1.0;    // from clipping by the global norm
  double clip_value = 0.0;
  double l1 = 0.0;
  double l2 = 0.0;
  double weight_decay = 0.0;
};
std::span<const Kernel<OptimizerStepProblem, OptimizerStepArgs>> optimizer_step_kernels();

/// ftrl's (beta + sqrt(n)) / lr, kept away from 0 and infinity: with no gradient yet and beta = 0, or with a rate of 0,
/// a weight stays what it is.
inline double ftrl_curvature(double beta, double squares, double learning_rate) {
  return std::max(beta + std::sqrt(squares), 1e-12) / std::max(learning_rate, 1e-20);
}

/// sum of g^2 over a flat block, in double, by pieces of a fixed size summed in order (so threads don't change it), and
/// whether every element is finite. A NaN or infinity gives finite = false.
struct SquaredNormProblem {
  DType type = DType::F32;
  int64_t size = 0;
};
struct SquaredNormArgs {
  const void* g = nullptr;
  double* sum = nullptr;
  bool* finite = nullptr;
};
std::span<const Kernel<SquaredNormProblem, SquaredNormArgs>> squared_norm_kernels();

}  // namespace redbud::kernels
