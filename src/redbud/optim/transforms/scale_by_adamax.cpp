#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByAdamax final : public GradientTransform {
 public:
  explicit ScaleByAdamax(const AdamConstants& constants) : c_(constants) {}
  std::string describe() const override { return fmt::format("adamax(beta1 {}, beta2 {})", c_.beta1, c_.beta2); }
  std::vector<std::string> state_names() const override { return {"adamax.m", "adamax.u"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const double b1 = context.momentum.value_or(c_.beta1);
    const double correction1 = 1.0 - std::pow(b1, static_cast<double>(context.step));
    each_element(context.runs, [&](size_t i) {
      const double g = updates[i];
      const double m = b1 * state[0][i] + (1.0 - b1) * g;
      const double u = std::max(c_.beta2 * state[1][i], std::abs(g) + c_.epsilon);
      state[0][i] = static_cast<float>(m);
      state[1][i] = static_cast<float>(u);
      updates[i] = static_cast<float>(m / correction1 / u);
    });
  }

 private:
  AdamConstants c_;
};

}  // namespace

TransformPtr scale_by_adamax(const AdamConstants& constants) { return std::make_unique<ScaleByAdamax>(constants); }

}  // namespace redbud
