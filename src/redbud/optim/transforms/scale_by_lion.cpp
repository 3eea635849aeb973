#include <fmt/format.h>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByLion final : public GradientTransform {
 public:
  ScaleByLion(double beta1, double beta2) : beta1_(beta1), beta2_(beta2) {}
  std::string describe() const override { return fmt::format("lion(beta1 {}, beta2 {})", beta1_, beta2_); }
  std::vector<std::string> state_names() const override { return {"lion.m"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const double b1 = context.momentum.value_or(beta1_);
    each_element(context.runs, [&](size_t i) {
      const double g = updates[i];
      const double direction = b1 * state[0][i] + (1.0 - b1) * g;
      state[0][i] = static_cast<float>(beta2_ * state[0][i] + (1.0 - beta2_) * g);
      updates[i] = direction > 0.0 ? 1.0F : direction < 0.0 ? -1.0F : 0.0F;
    });
  }

 private:
  double beta1_;
  double beta2_;
};

}  // namespace

TransformPtr scale_by_lion(double beta1, double beta2) { return std::make_unique<ScaleByLion>(beta1, beta2); }

}  // namespace redbud
