#include "redbud/optim/transforms/adam_like.h"

namespace redbud {
namespace {

class ScaleByNadam final : public AdamLike {
 public:
  explicit ScaleByNadam(const AdamConstants& constants) : AdamLike("nadam", constants) {}
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const Corrections correction = corrections(context);
    const double b1 = beta1(context);
    const double next_correction = 1.0 - std::pow(b1, static_cast<double>(context.step) + 1.0);
    each_moment(updates, state, context, [&](double g, double m, double v, size_t) {
      const double ahead = b1 * m / next_correction + (1.0 - b1) * g / correction.first;
      return ahead / (std::sqrt(v / correction.second) + c_.epsilon);
    });
  }
};

}  // namespace

TransformPtr scale_by_nadam(const AdamConstants& constants) { return std::make_unique<ScaleByNadam>(constants); }

}  // namespace redbud
