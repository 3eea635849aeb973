#include <fmt/format.h>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class AddDecayedWeights final : public GradientTransform {
 public:
  AddDecayedWeights(double decay, std::string name) : decay_(decay), name_(std::move(name)) {}
  std::string describe() const override { return fmt::format("{} {}", name_, decay_); }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    each_element(context.runs, true,
                 [&](size_t i) { updates[i] = static_cast<float>(updates[i] + decay_ * context.parameters[i]); });
  }

 private:
  double decay_;
  std::string name_;
};

}  // namespace

TransformPtr add_decayed_weights(double decay, std::string name) {
  return std::make_unique<AddDecayedWeights>(decay, std::move(name));
}

}  // namespace redbud
