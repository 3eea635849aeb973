#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "redbud/graph/model.h"
#include "redbud/plan/plan.h"
#include "redbud/train/activation_tally.h"
#include "redbud/train/gather.h"
#include "redbud/train/metrics/tally.h"
#include "redbud/train/trainer.h"

namespace redbud {

/// What is evaluated; all of it outlives the evaluator.
struct EvaluatorParts {
  const Graph& graph;
  std::shared_ptr<const Loss> loss;
  ParameterStore& values;  // read only
  const Recipe& recipe;
  const SampleSource& source;
  PlanSettings plan = {};
  std::vector<int> watched = {};  // nodes whose outputs a tally of activations may see
};

/// Runs a network over all rows of a source, a chunk at a time, and measures it. What it needs it allocates once.
class Evaluator {
 public:
  explicit Evaluator(const EvaluatorParts& parts);

  /// Nothing where `signal` was set before all rows had been seen. `activations` sees the watched nodes.
  std::optional<Metrics> run(ThreadPool& pool, const std::atomic<int>* signal = nullptr,
                             ActivationTally* activations = nullptr);

 private:
  struct Chunk {
    Plan plan;
    Gather gather;
  };
  Chunk make_chunk(int64_t rows);
  void run_chunk(Chunk& chunk, int64_t begin, ThreadPool& pool);

  EvaluatorParts parts_;
  int64_t chunk_rows_;
  std::vector<Chunk> chunks_;  // of chunk_rows_; of the rows that are left
  std::vector<int64_t> rows_;
  Tally tally_;
};

}  // namespace redbud
