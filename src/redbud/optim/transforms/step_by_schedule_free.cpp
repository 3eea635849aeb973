#include <fmt/format.h>

#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class StepByScheduleFree final : public GradientTransform {
 public:
  explicit StepByScheduleFree(const AdamConstants& constants) : c_(constants) {}
  std::string describe() const override { return fmt::format("schedule_free(beta1 {}, beta2 {})", c_.beta1, c_.beta2); }
  std::vector<std::string> state_names() const override { return {"schedule_free.z", "schedule_free.v"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const double correction2 = 1.0 - std::pow(c_.beta2, static_cast<double>(context.step));
    const double beta1 = context.momentum.value_or(c_.beta1);
    each_element(context.runs, [&](size_t i, const ParameterSettings& s) {
      const double g = updates[i];
      const double y = context.parameters[i];
      const double rate = context.learning_rate * s.rate;
      const double z = context.step == 1 ? y : state[0][i];
      const double v = c_.beta2 * state[1][i] + (1.0 - c_.beta2) * g * g;
      const double d = g / (std::sqrt(v / correction2) + c_.epsilon) + s.weight_decay * y;
      state[0][i] = static_cast<float>(z - rate * d);
      state[1][i] = static_cast<float>(v);
      updates[i] = static_cast<float>(context.share * (z - y) - rate * (1.0 - beta1 * (1.0 - context.share)) * d);
    });
  }

 private:
  AdamConstants c_;
};

}  // namespace

TransformPtr step_by_schedule_free(const AdamConstants& constants) {
  return std::make_unique<StepByScheduleFree>(constants);
}

}  // namespace redbud
