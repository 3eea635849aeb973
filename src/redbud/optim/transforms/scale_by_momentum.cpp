#include <fmt/format.h>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByMomentum final : public GradientTransform {
 public:
  ScaleByMomentum(double momentum, bool nesterov) : momentum_(momentum), nesterov_(nesterov) {}
  std::string describe() const override {
    return fmt::format("{}({})", nesterov_ ? "nesterov" : "momentum", momentum_);
  }
  std::vector<std::string> state_names() const override { return {"momentum.v"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const double mu = context.momentum.value_or(momentum_);
    each_element(context.runs, [&](size_t i) {
      const double g = updates[i];
      const double v = mu * state[0][i] + g;
      state[0][i] = static_cast<float>(v);
      updates[i] = static_cast<float>(nesterov_ ? g + mu * v : v);
    });
  }

 private:
  double momentum_;
  bool nesterov_;
};

}  // namespace

TransformPtr scale_by_momentum(double momentum, bool nesterov) {
  return std::make_unique<ScaleByMomentum>(momentum, nesterov);
}

}  // namespace redbud
