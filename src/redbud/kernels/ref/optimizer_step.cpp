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
  return g + a.l2 * w;
}

double sign(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0; }

/// x, nearer to 0 by `by`; a NaN stays one.
double shrunk(double x, double by) { return std::abs(x) <= by ? 0.0 : x - sign(x) * by; }

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

/// The new weight.
template <class T>
double ftrl_weight(const OptimizerStepArgs& a, double w, double g, int64_t i) {
  State<T> dual(a.first, i);
  State<T> squares(a.second, i);
  const double q = ftrl_curvature(a.beta, squares.set(squares.get() + g * g), a.learning_rate);
  const double known = a.first_step ? w * q : w * (q + a.l2) + sign(w) * a.l1;
  const double v = dual.set((w != 0.0 || a.first_step ? known : dual.get()) - g);
  return shrunk(v, a.l1) / (q + a.l2);
}

/// The new weight.
template <class T>
double schedule_free_weight(const OptimizerStepArgs& a, double w, double g, int64_t i) {
  State<T> z(a.first, i);
  if (a.first_step) z.set(w);
  const double v = State<T>(a.second, i).average(a.beta2, g * g);
  const double d = g / (std::sqrt(v / a.correction2) + a.epsilon) + a.weight_decay * w;
  const double y = w + a.share * (z.get() - w) - a.learning_rate * (1.0 - a.beta1 * (1.0 - a.share)) * d;
  z.set(z.get() - a.learning_rate * d);
  return y;
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
    case Rule::Lamb:
    case Rule::Ftrl:
    case Rule::ScheduleFree:
      break;
  }
  return 0.0;
}

/// The rules that are not a step from the weight.
template <class T>
void update_one(Rule rule, const OptimizerStepArgs& a, T& weight, double gradient, int64_t i) {
  const double w = weight;
  const double g = effective_gradient(a, gradient, w);
  if (rule == Rule::Lamb) {
    OptimizerStepArgs unit = a;
    unit.learning_rate = 1.0;
    static_cast<T*>(a.direction)[i] = static_cast<T>(-adam_step<T>(Rule::Adam, unit, g, i) - a.weight_decay * w);
  } else if (rule == Rule::Ftrl) {
    weight = static_cast<T>(
        ftrl_weight<T>(a, w - a.learning_rate * a.weight_decay * w, effective_gradient(a, gradient, 0.0), i));
  } else if (rule == Rule::ScheduleFree) {
    weight = static_cast<T>(schedule_free_weight<T>(a, w, g, i));
  } else {
    const double moved = w - a.learning_rate * a.weight_decay * w - step<T>(rule, a, g, i);
    weight = static_cast<T>(shrunk(moved, a.learning_rate * a.l1));
  }
}

template <class T>
void update(const OptimizerStepProblem& p, const OptimizerStepArgs& a) {
  T* weights = static_cast<T*>(a.w);
  const T* gradients = static_cast<const T*>(a.g);
  for (int64_t i = 0; i < p.size; ++i) update_one(p.rule, a, weights[i], static_cast<double>(gradients[i]), i);
}

void run(const OptimizerStepProblem& p, const OptimizerStepArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { update<T>(p, a); });
}

}  // namespace

const Kernel<OptimizerStepProblem, OptimizerStepArgs> optimizer_step{"ref", everything, run};

}  // namespace redbud::kernels::ref
