#include <fmt/format.h>

#include <cmath>

#include "redbud/kernels/optimizer_step.h"
#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class StepByFtrl final : public GradientTransform {
 public:
  explicit StepByFtrl(double beta) : beta_(beta) {}
  std::string describe() const override { return fmt::format("ftrl(beta {})", beta_); }
  std::vector<std::string> state_names() const override { return {"ftrl.v", "ftrl.n"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    each_element(context.runs, [&](size_t i, const ParameterSettings& s) {
      const double g = updates[i];
      const double rate = context.learning_rate * s.rate;
      const double w = context.parameters[i] - rate * s.weight_decay * context.parameters[i];
      const double n = state[1][i] + g * g;
      const double q = kernels::ftrl_curvature(beta_, n, rate);
      double v = state[0][i];
      if (context.step == 1) {
        v = w * q;
      } else if (w != 0.0) {
        v = w * (q + s.l2) + std::copysign(s.l1, w);
      }
      v -= g;
      state[0][i] = static_cast<float>(v);
      state[1][i] = static_cast<float>(n);
      const double target = std::abs(v) <= s.l1 ? 0.0 : (v - std::copysign(s.l1, v)) / (q + s.l2);
      updates[i] = static_cast<float>(target - context.parameters[i]);
    });
  }

 private:
  double beta_;
};

}  // namespace

TransformPtr step_by_ftrl(double beta) { return std::make_unique<StepByFtrl>(beta); }

}  // namespace redbud
