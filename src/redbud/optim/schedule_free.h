#pragma once
#include "redbud/core/thread_pool.h"
#include "redbud/optim/gradient_transform.h"

namespace redbud {

/// What schedule_free_adamw learns: the average x of its steps z, each weighted by the square of the greatest rate so
/// far. The weights y, at which gradients are taken, lie between both:  y = (1 - beta1) z + beta1 x.
/// Source  Defazio et al. 2024 (arXiv 2405.15682)
struct ScheduleFreeSum {
  double greatest_rate = 0.0;
  double sum = 0.0;  // of its squares

  /// The share of z in the average after a step of this rate.
  double share(double learning_rate);
};

/// x = y + (1 - 1 / beta1) (z - y), over the runs.
void write_schedule_free(std::span<const ParameterRun> runs, double beta1, const AlignedBuffer& z, AlignedBuffer& y,
                         ThreadPool& pool);

}  // namespace redbud
