#include <fmt/format.h>

#include <algorithm>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ClipByValue final : public GradientTransform {
 public:
  explicit ClipByValue(double limit) : limit_(limit) {}
  std::string describe() const override { return fmt::format("clip_value {}", limit_); }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    const auto limit = static_cast<float>(limit_);
    each_element(context.runs, [&](size_t i) { updates[i] = std::clamp(updates[i], -limit, limit); });
  }

 private:
  double limit_;
};

}  // namespace

TransformPtr clip_by_value(double limit) { return std::make_unique<ClipByValue>(limit); }

}  // namespace redbud
