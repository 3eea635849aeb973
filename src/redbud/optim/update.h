#pragma once
#include <memory>
#include <optional>

#include "redbud/core/thread_pool.h"
#include "redbud/optim/gradient_norm.h"
#include "redbud/optim/optimizer.h"

namespace redbud {

/// What every update reads and writes.
struct UpdateArgs {
  AlignedBuffer& parameters;
  const AlignedBuffer& gradients;
  AlignedBuffer* first;   // the rule's state; null if it has none
  AlignedBuffer* second;  // may be `first`
  AlignedBuffer* third;   // where it has three
  GradientNorm::Result norm;
  double learning_rate;
  std::optional<double> momentum;  // in the place of the rule's
  double share;                    // schedule-free: kernels/optimizer_step.h
  int64_t step;
};

/// The way from gradients to new weights that is faster than the chain and means the same.
class Update {
 public:
  virtual ~Update() = default;
  virtual void run(const UpdateArgs& args, ThreadPool& pool) = 0;
  virtual int64_t scratch_bytes() const { return 0; }
};

/// The one that the rule asks for.
std::unique_ptr<Update> make_update(const OptimizerConfig& resolved, const SegmentLayout& layout);

/// What is left of the gradient after clipping by norms: a factor; `number`: of the run among those of the cut.
double clip_scale(const OptimizerConfig& config, const GradientNorm::Result& norm, size_t number);

/// w = sign(u) * max(|u| - limit, 0) with u = keep * w + factor * d
struct Move {
  double keep = 1.0;
  double factor = 1.0;
  double limit = 0.0;
};
void apply_direction(std::span<float> w, std::span<const float> d, const Move& move, ThreadPool& pool);

}  // namespace redbud
