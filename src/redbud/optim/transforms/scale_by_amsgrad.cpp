#include <algorithm>

#include "redbud/optim/transforms/adam_like.h"

namespace redbud {
namespace {

class ScaleByAmsGrad final : public AdamLike {
 public:
  explicit ScaleByAmsGrad(const AdamConstants& constants) : AdamLike("amsgrad", constants) {}
  std::vector<std::string> state_names() const override { return {"amsgrad.m", "amsgrad.v", "amsgrad.most"}; }
  void apply(std::span<float> updates, std::span<const std::span<float>> state,
             const UpdateContext& context) const override {
    const Corrections correction = corrections(context);
    each_moment(updates, state, context, [&](double, double m, double v, size_t i) {
      const double most = std::max<double>(state[2][i], v);
      state[2][i] = static_cast<float>(most);
      return m / correction.first / (std::sqrt(most / correction.second) + c_.epsilon);
    });
  }
};

}  // namespace

TransformPtr scale_by_amsgrad(const AdamConstants& constants) { return std::make_unique<ScaleByAmsGrad>(constants); }

}  // namespace redbud
