#include <fmt/format.h>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class AddL1 final : public GradientTransform {
 public:
  explicit AddL1(double l1) : l1_(l1) {}
  std::string describe() const override { return fmt::format("l1 {}", l1_); }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    each_element(context.runs, true, [&](size_t i) {
      const float w = context.parameters[i];
      const double sign = w > 0.0F ? 1.0 : w < 0.0F ? -1.0 : 0.0;  // the subgradient 0 at 0
      updates[i] = static_cast<float>(updates[i] + l1_ * sign);
    });
  }

 private:
  double l1_;
};

}  // namespace

TransformPtr add_l1(double l1) { return std::make_unique<AddL1>(l1); }

}  // namespace redbud
