#include <fmt/format.h>

#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByRAdam final : public GradientTransform {
 public:
  explicit ScaleByRAdam(const AdamConstants& constants) : c_(constants) {}
  std::string describe() const override { return fmt::format("radam(beta1 {}, beta2 {})", c_.beta1, c_.beta2); }
  std::vector<std::string> state_names() const override { return {"radam.m", "radam.v"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const auto t = static_cast<double>(context.step);
    const double correction1 = 1.0 - std::pow(c_.beta1, t);
    const double correction2 = 1.0 - std::pow(c_.beta2, t);
    const double rectifier = radam_rectifier(c_.beta2, context.step);
    each_element(context.runs, false, [&](size_t i) {
      const double g = updates[i];
      const double m = c_.beta1 * state[0][i] + (1.0 - c_.beta1) * g;
      const double v = c_.beta2 * state[1][i] + (1.0 - c_.beta2) * g * g;
      state[0][i] = static_cast<float>(m);
      state[1][i] = static_cast<float>(v);
      const double mean = m / correction1;
      const double adapted = mean * rectifier * std::sqrt(correction2) / (std::sqrt(v) + c_.epsilon);
      updates[i] = static_cast<float>(rectifier > 0.0 ? adapted : mean);
    });
  }

 private:
  AdamConstants c_;
};

}  // namespace

double radam_rectifier(double beta2, int64_t step) {
  const auto t = static_cast<double>(step);
  const double longest = 2.0 / (1.0 - beta2) - 1.0;
  const double power = std::pow(beta2, t);
  const double length = longest - 2.0 * t * power / (1.0 - power);  // of the average, in gradients
  if (length <= 5.0) return 0.0;
  return std::sqrt((length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length));
}

TransformPtr scale_by_radam(const AdamConstants& constants) { return std::make_unique<ScaleByRAdam>(constants); }

}  // namespace redbud
