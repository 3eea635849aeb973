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

/// The state of one parameter, read and written in double.
template <class T>
class State {
 public:
  State(void* array, int64_t i) : value_(array == nullptr ? nullptr : static_cast<T*>(array) + i) {}
  double get() const { return static_cast<double>(*value_); }
  double set(double value) {
    *value_ = static_cast<T>(value);
    return value;
  }
  /// decay * old + (1 - decay) * x
  double average(double decay, double x) { return set(decay * get() + (1.0 - decay) * x); }

 private:
  T* value_;
};

/// What adam and its kin take off the weight.
template <class T>
double adam_step(Rule rule, const OptimizerStepArgs& a, double g, int64_t i) {
  const double m = State<T>(a.first, i).average(a.beta1, g);
  if (rule == Rule::Adamax) {
    State<T> u(a.second, i);
    return a.learning_rate * (m / a.correction1) / u.set(std::max(a.beta2 * u.get(), std::abs(g) + a.epsilon));
  }
  const double v = State<T>(a.second, i).average(a.beta2, g * g);
  if (rule == Rule::Nadam) {
    const double ahead = a.beta1 * m / a.next_correction1 + (1.0 - a.beta1) * g / a.correction1;
    return a.learning_rate * ahead / (std::sqrt(v / a.correction2) + a.epsilon);
  }
  if (rule == Rule::RAdam) {
    const double mean = a.learning_rate * (m / a.correction1);
    return a.rectifier > 0.0 ? mean * a.rectifier * std::sqrt(a.correction2) / (std::sqrt(v) + a.epsilon) : mean;
  }
  double variance = v;
  if (rule == Rule::AmsGrad) {
    State<T> most(a.third, i);
    variance = most.set(std::max(most.get(), v));
  }
  return a.learning_rate * (m / a.correction1) / (std::sqrt(variance / a.correction2) + a.epsilon);
}

/// What the rule takes off the weight; updates its state.
template <class T>
double step(Rule rule, const OptimizerStepArgs& a, double g, int64_t i) {
  State<T> first(a.first, i);
  State<T> second(a.second, i);
  switch (rule) {
    case Rule::Sgd:
      return a.learning_rate * g;
    case Rule::Momentum:
      return a.learning_rate * first.set(a.beta1 * first.get() + g);
    case Rule::Nesterov:
      return a.learning_rate * (g + a.beta1 * first.set(a.beta1 * first.get() + g));
    case Rule::RmsProp:
      return a.learning_rate * g / (std::sqrt(second.average(a.beta2, g * g)) + a.epsilon);
    case Rule::CenteredRmsProp: {
      const double m = first.average(a.beta2, g);
      const double s = second.average(a.beta2, g * g);
      return a.learning_rate * g / (std::sqrt(std::max(0.0, s - m * m)) + a.epsilon);
    }
    case Rule::Adagrad:
      return a.learning_rate * g / (std::sqrt(second.set(second.get() + g * g)) + a.epsilon);
    case Rule::Adadelta: {
      const double s = second.average(a.beta2, g * g);
      const double delta = g * std::sqrt(first.get() + a.epsilon) / std::sqrt(s + a.epsilon);
      first.average(a.beta2, delta * delta);
      return a.learning_rate * delta;
    }
    case Rule::Lion: {
      const double direction = a.beta1 * first.get() + (1.0 - a.beta1) * g;
      first.average(a.beta2, g);
      return a.learning_rate * (direction > 0.0 ? 1.0 : direction < 0.0 ? -1.0 : 0.0);
    }
    case Rule::Adam:
    case Rule::Adamax:
    case Rule::Nadam:
    case Rule::AmsGrad:
    case Rule::RAdam:
      return adam_step<T>(rule, a, g, i);
  }
  return 0.0;
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
