#include <fmt/format.h>

#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByAdadelta final : public GradientTransform {
 public:
  ScaleByAdadelta(double rho, double epsilon) : rho_(rho), epsilon_(epsilon) {}
  std::string describe() const override { return fmt::format("adadelta(rho {})", rho_); }
  std::vector<std::string> state_names() const override { return {"adadelta.d", "adadelta.s"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    each_element(context.runs, [&](size_t i) {
      const double g = updates[i];
      const double s = rho_ * state[1][i] + (1.0 - rho_) * g * g;
      const double delta = g * std::sqrt(state[0][i] + epsilon_) / std::sqrt(s + epsilon_);
      state[0][i] = static_cast<float>(rho_ * state[0][i] + (1.0 - rho_) * delta * delta);
      state[1][i] = static_cast<float>(s);
      updates[i] = static_cast<float>(delta);
    });
  }

 private:
  double rho_;
  double epsilon_;
};

}  // namespace

TransformPtr scale_by_adadelta(double rho, double epsilon) { return std::make_unique<ScaleByAdadelta>(rho, epsilon); }

}  // namespace redbud
