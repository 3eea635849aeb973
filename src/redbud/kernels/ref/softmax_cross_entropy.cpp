// Cross entropy and focal loss of one class a row.
#include <algorithm>
#include <cmath>

#include "redbud/kernels/ref/loss_weights.h"
#include "redbud/kernels/ref/pointwise_kernels.h"

namespace redbud::kernels::ref {
namespace {

/// softmax(s)[k] = exp(s[k] - largest) / sum
struct RowSoftmax {
  double largest;
  double sum = 0.0;

  template <class T>
  RowSoftmax(const T* s, int64_t outputs) : largest(static_cast<double>(*std::max_element(s, s + outputs))) {
    for (int64_t k = 0; k < outputs; ++k) sum += std::exp(static_cast<double>(s[k]) - largest);
  }
  double log_sum() const { return std::log(sum) + largest; }
  double share(double score) const { return std::exp(score - largest) / sum; }
};

/// What the row wants of class k.
template <class T>
double wanted_share(const LossProblem& p, const LossArgs& a, int64_t n, int64_t k) {
  const double share =
      p.soft ? static_cast<double>(a.target.row<T>(n)[k]) : (k == *a.target.row<int32_t>(n) ? 1.0 : 0.0);
  const double smoothing = p.constants.label_smoothing;
  return (1.0 - smoothing) * share + smoothing / static_cast<double>(p.outputs);
}

template <class T>
void cross_entropy(const LossProblem& p, const LossArgs& a) {
  const double inverse_sum = inverse_weight_sum<T>(p, a);
  double loss = 0.0;
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* s = a.scores.row<T>(n);
    const double weight = row_weight<T>(p, a, n) * inverse_sum;
    const RowSoftmax softmax(s, p.outputs);
    double score = 0.0;
    for (int64_t k = 0; k < p.outputs; ++k) score += wanted_share<T>(p, a, n, k) * s[k];
    loss += weight * (softmax.log_sum() - score);
    if (!p.gradient) continue;
    T* ds = a.dscores.row<T>(n);
    for (int64_t k = 0; k < p.outputs; ++k) {
      ds[k] = static_cast<T>((softmax.share(s[k]) - wanted_share<T>(p, a, n, k)) * weight);
    }
  }
  *a.loss = loss;
}

template <class T>
void focal_loss(const LossProblem& p, const LossArgs& a) {
  const auto [smoothing, delta, q, gamma, alpha] = p.constants;
  const double inverse_sum = inverse_weight_sum<T>(p, a);
  double loss = 0.0;
  for (int64_t n = 0; n < p.rows; ++n) {
    const T* s = a.scores.row<T>(n);
    const int32_t target = *a.target.row<int32_t>(n);
    const double weight = alpha * row_weight<T>(p, a, n) * inverse_sum;
    const RowSoftmax softmax(s, p.outputs);
    const double cross_entropy = softmax.log_sum() - s[target];
    const double right = std::exp(-cross_entropy);
    const double wrong = -std::expm1(-cross_entropy);
    const double power = std::pow(wrong, gamma);
    const double slope = power + (wrong > 0.0 ? gamma * right * power / wrong * cross_entropy : 0.0);
    loss += weight * power * cross_entropy;
    if (!p.gradient) continue;
    T* ds = a.dscores.row<T>(n);
    for (int64_t k = 0; k < p.outputs; ++k) {
      ds[k] = static_cast<T>(weight * slope * (softmax.share(s[k]) - (k == target ? 1.0 : 0.0)));
    }
  }
  *a.loss = loss;
}

void run_cross_entropy(const LossProblem& p, const LossArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { cross_entropy<T>(p, a); });
}

void run_focal(const LossProblem& p, const LossArgs& a, ThreadPool&) {
  with_scalar(p.type, [&]<class T>() { focal_loss<T>(p, a); });
}

}  // namespace

const LossKernel softmax_cross_entropy{"ref", everything, run_cross_entropy};
const LossKernel focal{"ref", everything, run_focal};

}  // namespace redbud::kernels::ref
