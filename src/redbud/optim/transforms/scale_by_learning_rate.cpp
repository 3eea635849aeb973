#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByLearningRate final : public GradientTransform {
 public:
  explicit ScaleByLearningRate(std::string shown) : shown_(std::move(shown)) {}
  std::string describe() const override { return "lr " + shown_; }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    each_element(context.runs, [&](size_t i, const ParameterSettings& settings) {
      updates[i] = static_cast<float>(-context.learning_rate * settings.rate * updates[i]);
    });
  }

 private:
  std::string shown_;
};

}  // namespace

TransformPtr scale_by_learning_rate(std::string shown) {
  return std::make_unique<ScaleByLearningRate>(std::move(shown));
}

}  // namespace redbud
