#include <cmath>

#include "redbud/optim/transforms/each_element.h"
#include "redbud/optim/transforms/transforms.h"

namespace redbud {
namespace {

class ScaleByTrustRatio final : public GradientTransform {
 public:
  std::string describe() const override { return "trust ratio"; }
  void apply(std::span<float> updates, std::span<const std::span<float>>, const UpdateContext& context) const override {
    for (const ParameterRun& run : context.runs) {
      double weights = 0.0;
      double steps = 0.0;
      each_element(run, [&](size_t i) {
        weights += static_cast<double>(context.parameters[i]) * context.parameters[i];
        steps += static_cast<double>(updates[i]) * updates[i];
      });
      const double ratio = weights > 0.0 && steps > 0.0 ? std::sqrt(weights / steps) : 1.0;
      each_element(run, [&](size_t i) { updates[i] = static_cast<float>(updates[i] * ratio); });
    }
  }
};

}  // namespace

TransformPtr scale_by_trust_ratio() { return std::make_unique<ScaleByTrustRatio>(); }

}  // namespace redbud
