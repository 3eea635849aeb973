#pragma once
#include <cstdint>
#include <span>

#include "redbud/kernels/kernel.h"

namespace redbud::kernels {

/// One update of a flat block of parameters in one pass. All arrays have `size` elements of `type`.
///
/// First, for every rule:   g = clip(g * gradient_scale, -clip_value, clip_value) + l2 * w + l1 * sign(w) (clip_value
/// 0: no clip) At the end, for adamw:   w -= learning_rate * weight_decay * w   (before the step, with the old w)
///
///   sgd       w -= lr * g
///   momentum  v = mu * v + g;  w -= lr * v            nesterov:  w -= lr * (g + mu * v)        (PyTorch's form; mu =
///   momentum) rmsprop   s = rho * s + (1 - rho) * g^2;  w -= lr * g / (sqrt(s) + eps)                    (Tieleman,
///   Hinton 2012) adam      m = b1 * m + (1 - b1) * g;  v = b2 * v + (1 - b2) * g^2
///             w -= lr * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)                         (Kingma, Ba 2015)
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
    Lion
  } rule = Rule::Sgd;
  int64_t size = 0;
};
struct OptimizerStepArgs {
  void* w = nullptr;
  const void* g = nullptr;
  void* first = nullptr;   // momentum: v; adam and kin, lion, centred rmsprop: m; adadelta: d
  void* second = nullptr;  // rmsprop, adagrad, adadelta: s; adam and kin: v; adamax: u
  void* third = nullptr;   // amsgrad: the greatest v
  double learning_rate = 0.0;
  double beta1 = 0.0;  // momentum: mu
  double beta2 = 0.0;  // rmsprop, adadelta: rho
  double epsilon = 0.0;
  double correction1 = 1.0;       // 1 - b1^t
  double correction2 = 1.0;       // 1 - b2^t
  double next_correction1 = 1.0;  // nadam: 1 - b1^(t + 1)
  double rectifier = 0.0;         // radam: of the step; 0: the variance is not used yet
  double gradient_scale = 1.0;    // from clipping by the global norm
  double clip_value = 0.0;
  double l1 = 0.0;
  double l2 = 0.0;
  double weight_decay = 0.0;
};
std::span<const Kernel<OptimizerStepProblem, OptimizerStepArgs>> optimizer_step_kernels();

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
