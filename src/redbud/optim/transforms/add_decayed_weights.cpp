#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class AddDecayedWeights final : public GradientTransform {
 public:
  AddDecayedWeights(double ParameterSettings::*decay, std::string text) : decay_(decay), text_(std::move(text)) {}
  std::string describe() const override { return text_; }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    each_element(context.runs, [&](size_t i, const ParameterSettings& settings) {
      updates[i] = static_cast<float>(updates[i] + settings.*decay_ * context.parameters[i]);
    });
  }

 private:
  double ParameterSettings::*decay_;
  std::string text_;
};

}  // namespace

TransformPtr add_decayed_weights(double ParameterSettings::*decay, std::string text) {
  return std::make_unique<AddDecayedWeights>(decay, std::move(text));
}

}  // namespace redbud
