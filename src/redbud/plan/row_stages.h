#pragma once
#include <algorithm>
#include <functional>
#include <vector>

#include "redbud/kernels/row_chunks.h"
#include "redbud/plan/op_list.h"

namespace redbud {

/// What all threads do between two meetings: each takes its chunks of the rows through the steps that can be cut by
/// rows, as far as those follow each other; then something runs once, which may use all threads itself.
struct RowStage {
  std::vector<std::function<void(const StepContext&, const RowPiece&)>> rows;
  std::vector<std::function<void(const StepContext&)>> then;
};

/// The steps of a plan, gathered to stages.
class RowStages {
 public:
  explicit RowStages(int64_t rows) : chunks_(rows) {}

  /// Whether the batch has rows enough to be cut; if not, steps had better be run one by one.
  bool pay() const { return chunks_.count() > 1; }
  void add(const BoundStep& step, const RowCut& cut);
  void run(const StepContext& context) const;

 private:
  RowStage& open();
  RowPiece chunks_of(int64_t piece, int64_t pieces) const;

  kernels::RowChunks chunks_;
  std::vector<RowStage> stages_;
  bool is_open_ = false;  // the last stage takes more rows
};

/// How an op of a plan can be cut whose batch has so many rows.
RowCut row_cut(const OpList& list, const PlanOp& op, int64_t rows);

/// The stages in which each op runs, for the liveness of values: what lives in the same stage may be in use at the same
/// time.
std::vector<StageSpan> stage_spans(const OpList& list, int64_t rows);

}  // namespace redbud
