#include <fmt/format.h>

#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByRms final : public GradientTransform {
 public:
  ScaleByRms(double rho, double epsilon) : rho_(rho), epsilon_(epsilon) {}
  std::string describe() const override { return fmt::format("rmsprop(rho {})", rho_); }
  std::vector<std::string> state_names() const override { return {"rmsprop.s"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    each_element(context.runs, [&](size_t i) {
      const double g = updates[i];
      const double s = rho_ * state[0][i] + (1.0 - rho_) * g * g;
      state[0][i] = static_cast<float>(s);
      updates[i] = static_cast<float>(g / (std::sqrt(s) + epsilon_));
    });
  }

 private:
  double rho_;
  double epsilon_;
};

}  // namespace

TransformPtr scale_by_rms(double rho, double epsilon) { return std::make_unique<ScaleByRms>(rho, epsilon); }

}  // namespace redbud
