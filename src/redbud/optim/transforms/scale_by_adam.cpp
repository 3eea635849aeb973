#include "redbud/optim/transforms/adam_like.h"

namespace redbud {
namespace {

class ScaleByAdam final : public AdamLike {
 public:
  explicit ScaleByAdam(const AdamConstants& constants) : AdamLike("adam", constants) {}
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const Corrections correction = corrections(context);
    each_moment(updates, state, context, [&](double, double m, double v, size_t) {
      return m / correction.first / (std::sqrt(v / correction.second) + c_.epsilon);
    });
  }
};

}  // namespace

TransformPtr scale_by_adam(const AdamConstants& constants) { return std::make_unique<ScaleByAdam>(constants); }

}  // namespace redbud
