#include "redbud/optim/update.h"

#include <cmath>

#include "redbud/optim/fused_update.h"
#include "redbud/optim/lamb_update.h"
#include "redbud/optim/learning_rules.h"
#include "redbud/optim/muon_update.h"

namespace redbud {
namespace {

constexpr int64_t kPiece = 16'384;  // floats: enough to be worth a thread's while

}  // namespace

std::unique_ptr<Update> make_update(const OptimizerConfig& resolved, const SegmentLayout& layout) {
  switch (learning_rule(resolved.name).way) {
    case LearningRule::Way::TrustRatio:
      return std::make_unique<LambUpdate>(resolved, layout);
    case LearningRule::Way::Orthogonal:
      return std::make_unique<MuonUpdate>(resolved, layout);
    case LearningRule::Way::Elements:
    case LearningRule::Way::Average:
    case LearningRule::Way::Own:
      break;
  }
  return std::make_unique<FusedUpdate>(resolved, layout);
}

double clip_scale(const OptimizerConfig& config, const GradientNorm::Result& norm, size_t number) {
  double scale = config.clip_norm > 0.0 && norm.clipped > config.clip_norm ? config.clip_norm / norm.clipped : 1.0;
  if (!norm.tensor_scales.empty()) scale *= norm.tensor_scales[number];
  return scale;
}

void apply_direction(std::span<float> w, std::span<const float> d, const Move& move, ThreadPool& pool) {
  const auto keep = static_cast<float>(move.keep);
  const auto factor = static_cast<float>(move.factor);
  const auto limit = static_cast<float>(move.limit);
  float* const weights = w.data();
  const float* const directions = d.data();
  pool.for_ranges(static_cast<int64_t>(w.size()), kPiece, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float u = keep * weights[i] + factor * directions[i];
      weights[i] = std::abs(u) <= limit ? 0.0F : u - std::copysign(limit, u);
    }
  });
}

}  // namespace redbud
