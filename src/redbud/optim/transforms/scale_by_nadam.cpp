#include <fmt/format.h>

#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByNadam final : public GradientTransform {
 public:
  explicit ScaleByNadam(const AdamConstants& constants) : c_(constants) {}
  std::string describe() const override { return fmt::format("nadam(beta1 {}, beta2 {})", c_.beta1, c_.beta2); }
  std::vector<std::string> state_names() const override { return {"nadam.m", "nadam.v"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const auto t = static_cast<double>(context.step);
    const double correction1 = 1.0 - std::pow(c_.beta1, t);
    const double correction2 = 1.0 - std::pow(c_.beta2, t);
    const double next_correction1 = 1.0 - std::pow(c_.beta1, t + 1.0);
    each_element(context.runs, false, [&](size_t i) {
      const double g = updates[i];
      const double m = c_.beta1 * state[0][i] + (1.0 - c_.beta1) * g;
      const double v = c_.beta2 * state[1][i] + (1.0 - c_.beta2) * g * g;
      state[0][i] = static_cast<float>(m);
      state[1][i] = static_cast<float>(v);
      const double ahead = c_.beta1 * m / next_correction1 + (1.0 - c_.beta1) * g / correction1;
      updates[i] = static_cast<float>(ahead / (std::sqrt(v / correction2) + c_.epsilon));
    });
  }

 private:
  AdamConstants c_;
};

}  // namespace

TransformPtr scale_by_nadam(const AdamConstants& constants) { return std::make_unique<ScaleByNadam>(constants); }

}  // namespace redbud
