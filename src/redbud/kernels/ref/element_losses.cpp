// Losses that are a sum or a mean over the outputs of a function of one score and one target.
#include <algorithm>
#include <cmath>

#include "redbud/kernels/ref/loss_weights.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

/// The loss of one output, and its derivative with respect to the score.
struct Term {
  double loss;
  double slope;
};
using TermOf = Term (*)(double score, double target, const LossConstants&);

template <class T>
void loss_and_gradient(const LossProblem& p, const LossArgs& a, TermOf term, double divisor) {
  const double inverse_sum = inverse_weight_sum<T>(p, a);
  double loss = 0.0;
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* s = a.scores.row<T>(n);
    const T* t = a.target.row<T>(n);
    const double weight = row_weight<T>(p, a, n) * inverse_sum / divisor;
    for (int64_t k = 0; k < p.outputs; ++k) {
      const Term found = term(s[k], t[k], p.constants);
      loss += weight * found.loss;
      if (p.gradient) a.dscores.row<T>(n)[k] = static_cast<T>(weight * found.slope);
    }
  }
  *a.loss = loss;
}

template <TermOf kTerm>
void run_sum(const LossProblem& p, const LossArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { loss_and_gradient<T>(p, a, kTerm, 1.0); });
}

template <TermOf kTerm>
void run_mean(const LossProblem& p, const LossArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { loss_and_gradient<T>(p, a, kTerm, static_cast<double>(p.outputs)); });
}

/// -log(logistic(z))
double minus_log_logistic(double z) { return std::max(-z, 0.0) + std::log1p(std::exp(-std::abs(z))); }

Term sigmoid_cross_entropy_term(double s, double t, const LossConstants& c) {
  const double u = (1.0 - c.label_smoothing) * t + c.label_smoothing / 2.0;
  return {std::max(s, 0.0) - s * u + std::log1p(std::exp(-std::abs(s))), 1.0 / (1.0 + std::exp(-s)) - u};
}

Term sigmoid_focal_term(double s, double t, const LossConstants& c) {
  const double y = 2.0 * t - 1.0;
  const double a = t > 0.5 ? c.alpha : 1.0 - c.alpha;
  const double cross_entropy = minus_log_logistic(y * s);
  const double p = std::exp(-cross_entropy);
  const double wrong = std::exp(-minus_log_logistic(-y * s));  // 1 - p
  const double power = a * std::pow(wrong, c.gamma);
  return {power * cross_entropy, -y * power * (c.gamma * p * cross_entropy + wrong)};
}

Term binary_hinge_term(double s, double t, const LossConstants&) {
  const double y = 2.0 * t - 1.0;
  const double loss = std::max(1.0 - y * s, 0.0);  // in this order NaN stays NaN
  return {loss, loss > 0.0 ? -y : 0.0};
}

Term squared_term(double s, double t, const LossConstants&) { return {(s - t) * (s - t), 2.0 * (s - t)}; }

Term absolute_term(double s, double t, const LossConstants&) {
  return {std::abs(s - t), s > t ? 1.0 : s < t ? -1.0 : 0.0};
}

Term huber_term(double s, double t, const LossConstants& c) {
  const double d = s - t;
  const double loss = std::abs(d) <= c.delta ? d * d / 2.0 : c.delta * (std::abs(d) - c.delta / 2.0);
  return {loss, std::clamp(d, -c.delta, c.delta)};
}

Term quantile_term(double s, double t, const LossConstants& c) {
  const double d = s - t;
  return {std::max(-c.q * d, (1.0 - c.q) * d), d > 0.0 ? 1.0 - c.q : d < 0.0 ? -c.q : 0.0};
}

Term poisson_term(double s, double t, const LossConstants&) {
  const double rate = std::exp(s);
  return {rate - t * s, rate - t};
}

}  // namespace

const LossKernel sigmoid_cross_entropy{"ref", everything, run_sum<sigmoid_cross_entropy_term>};
const LossKernel sigmoid_focal{"ref", everything, run_sum<sigmoid_focal_term>};
const LossKernel binary_hinge{"ref", everything, run_sum<binary_hinge_term>};
const LossKernel mean_squared_error{"ref", everything, run_mean<squared_term>};
const LossKernel mean_absolute_error{"ref", everything, run_mean<absolute_term>};
const LossKernel huber{"ref", everything, run_mean<huber_term>};
const LossKernel quantile{"ref", everything, run_mean<quantile_term>};
const LossKernel poisson{"ref", everything, run_mean<poisson_term>};

}  // namespace redbud::kernels::ref
