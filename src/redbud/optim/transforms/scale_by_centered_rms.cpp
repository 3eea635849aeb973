#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByCenteredRms final : public GradientTransform {
 public:
  ScaleByCenteredRms(double rho, double epsilon) : rho_(rho), epsilon_(epsilon) {}
  std::string describe() const override { return fmt::format("centered_rmsprop(rho {})", rho_); }
  std::vector<std::string> state_names() const override { return {"rmsprop.m", "rmsprop.s"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    each_element(context.runs, [&](size_t i) {
      const double g = updates[i];
      const double m = rho_ * state[0][i] + (1.0 - rho_) * g;
      const double s = rho_ * state[1][i] + (1.0 - rho_) * g * g;
      state[0][i] = static_cast<float>(m);
      state[1][i] = static_cast<float>(s);
      updates[i] = static_cast<float>(g / (std::sqrt(std::max(0.0, s - m * m)) + epsilon_));
    });
  }

 private:
  double rho_;
  double epsilon_;
};

}  // namespace

TransformPtr scale_by_centered_rms(double rho, double epsilon) {
  return std::make_unique<ScaleByCenteredRms>(rho, epsilon);
}

}  // namespace redbud
