#include "redbud/optim/transforms/adam_like.h"

namespace redbud {
namespace {

class ScaleByRAdam final : public AdamLike {
 public:
  explicit ScaleByRAdam(const AdamConstants& constants) : AdamLike("radam", constants) {}
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const Corrections correction = corrections(context);
    const double rectifier = radam_rectifier(c_.beta2, context.step);
    each_moment(updates, state, context, [&](double, double m, double v, size_t) {
      const double mean = m / correction.first;
      return rectifier > 0.0 ? mean * rectifier * std::sqrt(correction.second) / (std::sqrt(v) + c_.epsilon) : mean;
    });
  }
};

}  // namespace

double radam_rectifier(double beta2, int64_t step) {
  const auto t = static_cast<double>(step);
  const double longest = 2.0 / (1.0 - beta2) - 1.0;
  const double power = std::pow(beta2, t);
  const double length = longest - 2.0 * t * power / (1.0 - power);  // of the average, in gradients
  if (length <= 5.0) return 0.0;
  return std::sqrt((length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length));
}

TransformPtr scale_by_radam(const AdamConstants& constants) { return std::make_unique<ScaleByRAdam>(constants); }

}  // namespace redbud
