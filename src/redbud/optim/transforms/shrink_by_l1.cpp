#include <fmt/format.h>

#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ShrinkByL1 final : public GradientTransform {
 public:
  explicit ShrinkByL1(std::string shown) : shown_(std::move(shown)) {}
  std::string describe() const override { return "l1 " + shown_; }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    each_element(context.runs, [&](size_t i, const ParameterSettings& s) {
      const float w = context.parameters[i];
      const double limit = context.learning_rate * s.rate * s.l1;
      const double moved = static_cast<double>(w) + updates[i];
      // w + -w is exactly 0.
      updates[i] = std::abs(moved) <= limit ? -w : static_cast<float>(updates[i] - std::copysign(limit, moved));
    });
  }

 private:
  std::string shown_;
};

}  // namespace

TransformPtr shrink_by_l1(std::string shown) { return std::make_unique<ShrinkByL1>(std::move(shown)); }

}  // namespace redbud
