#pragma once
#include <memory>
#include <vector>

#include "redbud/graph/model.h"
#include "redbud/optim/optimizer.h"
#include "redbud/plan/plan.h"
#include "redbud/train/batch_order.h"
#include "redbud/train/gather.h"
#include "redbud/train/mixup.h"
#include "redbud/train/trainer.h"

namespace redbud {

/// What a step is made with; all of it outlives the stepper.
struct StepperParts {
  const Graph& graph;
  std::shared_ptr<const Loss> loss;
  ParameterStore& values;
  Optimizer& optimizer;
  const SampleSource& source;
  double mixup = 0.0;  // TrainConfig::mixup
};

/// Gathers a batch, computes loss and gradients, updates. Nothing is allocated after the first epoch's first and last
/// step.
class Stepper {
 public:
  Stepper(const StepperParts& parts, const BatchCut& cut, const PlanSettings& settings);

  /// One training step: `step` of an epoch, the `number`-th of the run. Where the loss or a gradient is not finite,
  /// nothing has changed, running statistics included.
  /// Throws  Error{Diverged} naming step, first bad layer, learning rate
  StepReport run(const EpochOrder& order, int64_t step, const StepContext& context, const UpdateRates& rates = {});

  /// Forward alone, without dropout: the running statistics see the batch. For statistics that are made anew.
  void forward(const EpochOrder& order, int64_t step, const StepContext& context);

  /// Of the last step: what its loss gave, before the optimizer clipped or scaled anything.
  const AlignedBuffer& gradients() const { return gradients_; }
  int64_t arena_bytes() const;

 private:
  struct Batch {
    Plan plan;
    Gather gather;
    std::unique_ptr<Mixup> mixup = nullptr;  // gathers instead, where rows are mixed
  };
  Batch make_batch(int64_t rows, PlanGoal goal);
  std::vector<Batch> make_batches(PlanGoal goal);
  Batch& gathered(std::vector<Batch>& batches, const EpochOrder& order, int64_t step, const StepContext& context);
  [[noreturn]] void refuse(Batch& batch, const StepContext& context, bool loss_is_finite);

  StepperParts parts_;
  BatchCut cut_;
  PlanSettings settings_;
  AlignedBuffer gradients_;
  AlignedBuffer kept_buffers_;     // running statistics before the step
  std::vector<Batch> batches_;     // of the whole batch size; of the last batch where it differs
  std::vector<Batch> statistics_;  // the same for forward(), made when it is first called
  std::vector<int64_t> rows_;
};

}  // namespace redbud
