#pragma once
#include <vector>

#include "redbud/optim/fused_update.h"
#include "redbud/optim/muon_gate.h"

namespace redbud {

/// muon: for weight matrices, by the kernels of linear layers; adam for the rest, by its fused kernel.
class MuonUpdate final : public Update {
 public:
  MuonUpdate(const OptimizerConfig& resolved, const SegmentLayout& layout);

  void run(const UpdateArgs& args, ThreadPool& pool) override;
  int64_t scratch_bytes() const override { return now_.bytes() + next_.bytes() + square_.bytes() + fourth_.bytes(); }

 private:
  struct Weights {
    ParameterRun run;
    size_t number = 0;  // among all tensors
    int64_t inputs = 0;
    int64_t outputs = 0;
  };
  void step(const Weights& weights, const UpdateArgs& args, ThreadPool& pool);
  void average(const Weights& weights, const UpdateArgs& args, ThreadPool& pool);
  void make_orthogonal(const Weights& weights, ThreadPool& pool);

  OptimizerConfig config_;
  FusedUpdate others_;
  std::vector<Weights> matrices_;
  AlignedBuffer now_, next_;       // as large as the largest matrix
  AlignedBuffer square_, fourth_;  // its smaller side, squared
};

}  // namespace redbud
