#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "redbud/data/batch.h"
#include "redbud/graph/graph.h"
#include "redbud/graph/loss.h"
#include "redbud/kernels/kernel.h"

namespace redbud {

/// What a plan computes.
enum class PlanGoal {
  Gradients,    // training mode: loss, and the gradients of all trainable parameters
  Statistics,   // batch norm sees the batch and updates its running statistics, dropout is off: scores and loss
  Loss,         // prediction mode: scores and loss
  Predictions,  // prediction mode: what Loss::lower_prediction makes of the scores; no target
  Samples,      // the same with dropout left on: each run draws others, by StepContext's seed and step
};

struct PlanOptions {
  PlanGoal goal = PlanGoal::Gradients;
  int64_t rows = 0;  // the batch
  DType type = DType::F32;
  bool weighted = false;      // batches bring sample weights
  bool soft_targets = false;  // batches bring shares of classes
  kernels::KernelPolicy kernels = kernels::KernelPolicy::Fastest;
  std::vector<std::string> disabled_passes;
  std::vector<int> watched = {};  // nodes of the graph whose outputs can be read after a run
};

/// One step of a plan as --explain shows it.
struct StepInfo {
  std::string op;
  std::string detail;
  std::string layer;   // the node it came from
  std::string shapes;  // "(50, 784) (784, 300) -> (50, 300)"
  std::string kernel;  // "cpu:simd"
  std::vector<kernels::Refusal> refused;
  int64_t multiply_adds = 0;
  int64_t output_bytes = 0;
  int64_t arena_offset = -1;
};

/// The graph compiled for one batch size: a flat list of steps over one arena. Running it allocates nothing.
class Plan {
 public:
  /// `values` (and `gradients`, laid out as values.parameters(), for PlanGoal::Gradients) must outlive the plan.
  /// Throws  Error{Model}: batch of one row into batch normalisation, ...; Error{Usage}: unknown pass
  Plan(const Graph& graph, const Loss* loss, ParameterStore& values, AlignedBuffer* gradients,
       const PlanOptions& options);
  ~Plan();
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;

  int64_t rows() const;
  /// Where a batch is gathered to: inputs in the order of the graph's inputs, the target, weights.
  const BatchView& batch() const;
  void run(const StepContext& context);

  /// After run(): the mean loss over the batch; scores or predictions (rows, outputs).
  double loss() const;
  kernels::Matrix output() const;
  int64_t output_width() const;
  /// After run(): what the i-th node of PlanOptions::watched gave.
  kernels::Matrix watched(size_t i) const;

  /// Runs once more, step by step, and gives the first step whose output holds a NaN or an infinity ("" = none):
  /// "layer hidden3 (dense), linear" with the op that made it.
  std::string find_non_finite(const StepContext& context);

  int64_t arena_bytes() const;
  const std::vector<StepInfo>& steps() const;
  const std::vector<std::string>& passes() const;  // those that ran, in order

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Names of all passes, in the order in which they run.
std::vector<std::string> pass_names();

/// The table that `redbud plan` prints: steps, shapes, memory, kernels; with `verbose` also why not the others.
std::string explain(const Plan& plan, bool verbose);

}  // namespace redbud
