#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByAmsGrad final : public GradientTransform {
 public:
  explicit ScaleByAmsGrad(const AdamConstants& constants) : c_(constants) {}
  std::string describe() const override { return fmt::format("amsgrad(beta1 {}, beta2 {})", c_.beta1, c_.beta2); }
  std::vector<std::string> state_names() const override { return {"amsgrad.m", "amsgrad.v", "amsgrad.most"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const auto t = static_cast<double>(context.step);
    const double correction1 = 1.0 - std::pow(c_.beta1, t);
    const double correction2 = 1.0 - std::pow(c_.beta2, t);
    each_element(context.runs, false, [&](size_t i) {
      const double g = updates[i];
      const double m = c_.beta1 * state[0][i] + (1.0 - c_.beta1) * g;
      const double v = c_.beta2 * state[1][i] + (1.0 - c_.beta2) * g * g;
      state[0][i] = static_cast<float>(m);
      state[1][i] = static_cast<float>(v);
      const double most = std::max<double>(state[2][i], v);
      state[2][i] = static_cast<float>(most);
      updates[i] = static_cast<float>(m / correction1 / (std::sqrt(most / correction2) + c_.epsilon));
    });
  }

 private:
  AdamConstants c_;
};

}  // namespace

TransformPtr scale_by_amsgrad(const AdamConstants& constants) { return std::make_unique<ScaleByAmsGrad>(constants); }

}  // namespace redbud
