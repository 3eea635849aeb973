#pragma once
#include <cmath>
#include <string>
#include <string_view>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {

/// What adam and its kin share: their constants, the averages m and v of the gradient and its square, and names.
class AdamLike : public GradientTransform {
 public:
  AdamLike(std::string_view name, const AdamConstants& constants) : c_(constants), name_(name) {}
  std::string describe() const override;
  std::vector<std::string> state_names() const override { return {name_ + ".m", name_ + ".v"}; }

 protected:
  double beta1(const UpdateContext& context) const { return context.momentum.value_or(c_.beta1); }
  /// 1 - beta1^t and 1 - beta2^t: what the averages lack as they began at 0.
  struct Corrections {
    double first, second;
  };
  Corrections corrections(const UpdateContext& context) const {
    const auto t = static_cast<double>(context.step);
    return {.first = 1.0 - std::pow(beta1(context), t), .second = 1.0 - std::pow(c_.beta2, t)};
  }

  /// The update of each element is step(g, m, v, i), with its averages brought up to date.
  template <class Step>
  void each_moment(std::span<float> updates, std::span<const std::span<float>> state, const UpdateContext& context,
                   Step&& step) const {
    const double b1 = beta1(context);
    each_element(context.runs, [&](size_t i) {
      const double g = updates[i];
      const double m = b1 * state[0][i] + (1.0 - b1) * g;
      const double v = c_.beta2 * state[1][i] + (1.0 - c_.beta2) * g * g;
      state[0][i] = static_cast<float>(m);
      state[1][i] = static_cast<float>(v);
      updates[i] = static_cast<float>(step(g, m, v, i));
    });
  }

  AdamConstants c_;

 private:
  std::string name_;
};

}  // namespace redbud
