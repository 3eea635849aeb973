#include <fmt/format.h>

#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByAdagrad final : public GradientTransform {
 public:
  explicit ScaleByAdagrad(double epsilon) : epsilon_(epsilon) {}
  std::string describe() const override { return fmt::format("adagrad"); }
  std::vector<std::string> state_names() const override { return {"adagrad.s"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    each_element(context.runs, [&](size_t i) {
      const double g = updates[i];
      const double s = state[0][i] + g * g;
      state[0][i] = static_cast<float>(s);
      updates[i] = static_cast<float>(g / (std::sqrt(s) + epsilon_));
    });
  }

 private:
  double epsilon_;
};

}  // namespace

TransformPtr scale_by_adagrad(double epsilon) { return std::make_unique<ScaleByAdagrad>(epsilon); }

}  // namespace redbud
