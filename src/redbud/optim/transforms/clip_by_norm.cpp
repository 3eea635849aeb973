#include <fmt/format.h>

#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

void clip(std::span<float> updates, std::span<const ParameterRun> runs, double limit) {
  double sum = 0.0;
  each_element(runs, [&](size_t i) { sum += static_cast<double>(updates[i]) * updates[i]; });
  const double norm = std::sqrt(sum);
  if (norm <= limit) return;
  each_element(runs, [&](size_t i) { updates[i] = static_cast<float>(updates[i] * (limit / norm)); });
}

class ClipByGlobalNorm final : public GradientTransform {
 public:
  explicit ClipByGlobalNorm(double limit) : limit_(limit) {}
  std::string describe() const override { return fmt::format("clip_norm {}", limit_); }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    clip(updates, context.runs, limit_);
  }

 private:
  double limit_;
};

class ClipByTensorNorm final : public GradientTransform {
 public:
  explicit ClipByTensorNorm(double limit) : limit_(limit) {}
  std::string describe() const override { return fmt::format("clip_tensor_norm {}", limit_); }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    for (const ParameterRun& run : context.runs) clip(updates, std::span(&run, 1), limit_);
  }

 private:
  double limit_;
};

}  // namespace

TransformPtr clip_by_global_norm(double limit) { return std::make_unique<ClipByGlobalNorm>(limit); }
TransformPtr clip_by_tensor_norm(double limit) { return std::make_unique<ClipByTensorNorm>(limit); }

}  // namespace redbud
