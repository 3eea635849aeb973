#include "redbud/kernels/optimizer_step.h"

#include <algorithm>
#include <cmath>

#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

using Rule = OptimizerStepProblem::Rule;

double effective_gradient(const OptimizerStepArgs& a, double g, double w) {
  g *= a.gradient_scale;
  if (a.clip_value > 0.0) g = std::clamp(g, -a.clip_value, a.clip_value);
  const double sign = w > 0.0 ? 1.0 : w < 0.0 ? -1.0 : 0.0;
  return g + a.l2 * w + a.l1 * sign;
}

/// What the rule takes off the weight; updates its state.
template <class T>
double step(Rule rule, const OptimizerStepArgs& a, double g, int64_t i) {
  T* first = static_cast<T*>(a.first);
  T* second = static_cast<T*>(a.second);
  if (rule == Rule::Sgd) return a.learning_rate * g;
  if (rule == Rule::Momentum || rule == Rule::Nesterov) {
    const double v = a.beta1 * first[i] + g;
    first[i] = static_cast<T>(v);
    return a.learning_rate * (rule == Rule::Nesterov ? g + a.beta1 * v : v);
  }
  if (rule == Rule::RmsProp) {
    const double s = a.beta2 * second[i] + (1.0 - a.beta2) * g * g;
    second[i] = static_cast<T>(s);
    return a.learning_rate * g / (std::sqrt(s) + a.epsilon);
  }
  const double m = a.beta1 * first[i] + (1.0 - a.beta1) * g;
  const double v = a.beta2 * second[i] + (1.0 - a.beta2) * g * g;
  first[i] = static_cast<T>(m);
  second[i] = static_cast<T>(v);
  return a.learning_rate * (m / a.correction1) / (std::sqrt(v / a.correction2) + a.epsilon);
}

template <class T>
void update(const OptimizerStepProblem& p, const OptimizerStepArgs& a) {
  T* weights = static_cast<T*>(a.w);
  const T* gradients = static_cast<const T*>(a.g);
  for (int64_t i = 0; i < p.size; ++i) {
    const double w = weights[i];
    const double g = effective_gradient(a, gradients[i], w);
    weights[i] = static_cast<T>(w - a.learning_rate * a.weight_decay * w - step<T>(p.rule, a, g, i));
  }
}

void run(const OptimizerStepProblem& p, const OptimizerStepArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { update<T>(p, a); });
}

}  // namespace

const Kernel<OptimizerStepProblem, OptimizerStepArgs> optimizer_step{"ref", everything, run};

}  // namespace redbud::kernels::ref
