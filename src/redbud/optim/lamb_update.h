#pragma once
#include <vector>

#include "redbud/optim/fused_update.h"

namespace redbud {

/// lamb: adam's direction of all parameters, then a step along it, tensor by tensor, as long as the tensor's weights
/// say. Two passes.
class LambUpdate final : public Update {
 public:
  LambUpdate(const OptimizerConfig& resolved, const SegmentLayout& layout);

  void run(const UpdateArgs& args, ThreadPool& pool) override;
  int64_t scratch_bytes() const override { return directions_.bytes(); }

 private:
  FusedUpdate adam_;
  std::vector<ParameterRun> tensors_;
  AlignedBuffer directions_;
};

}  // namespace redbud
