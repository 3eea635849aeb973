#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByLearningRate final : public GradientTransform {
 public:
  std::string describe() const override { return "lr"; }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    each_element(context.runs, false,
                 [&](size_t i) { updates[i] = static_cast<float>(-context.learning_rate * updates[i]); });
  }
};

}  // namespace

TransformPtr scale_by_learning_rate() { return std::make_unique<ScaleByLearningRate>(); }

}  // namespace redbud
