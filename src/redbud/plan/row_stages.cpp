#include "redbud/plan/row_stages.h"

namespace redbud {

RowStage& RowStages::open() {
  if (!is_open_) stages_.emplace_back();
  is_open_ = true;
  return stages_.back();
}

void RowStages::add(const BoundStep& step, const RowCut& cut) {
  if (cut.phases == 0 || step.phases.empty()) {
    open().then.push_back(step.run);
    is_open_ = false;
    return;
  }
  RB_ASSERT(step.phases.size() == static_cast<size_t>(cut.phases));
  if (cut.needs_all) is_open_ = false;
  for (const RowPhase& phase : step.phases) {
    if (&phase != &step.phases.front()) is_open_ = false;
    RowStage& stage = open();
    stage.rows.push_back(phase.rows);
    if (phase.then) stage.then.push_back(phase.then);
  }
}

RowPiece RowStages::chunks_of(int64_t piece, int64_t pieces) const {
  const int64_t first = chunks_.count() * piece / pieces;
  const int64_t end = chunks_.count() * (piece + 1) / pieces;
  return {.begin = chunks_.begin(first), .end = chunks_.begin(end), .first_chunk = first, .end_chunk = end};
}

void RowStages::run(const StepContext& context) const {
  // Two for each thread: one that is late leaves its second to another. With more, products would be of few rows.
  const int64_t pieces = std::min<int64_t>(chunks_.count(), 2 * context.pool.threads());
  for (const RowStage& stage : stages_) {
    if (!stage.rows.empty()) {
      context.pool.for_pieces(pieces, [&](int64_t i) {
        const RowPiece piece = chunks_of(i, pieces);
        for (const auto& rows : stage.rows) rows(context, piece);
      });
    }
    for (const auto& then : stage.then) then(context);
  }
}

RowCut row_cut(const OpList& list, const PlanOp& op, int64_t rows) {
  std::vector<ValueType> inputs;
  for (Value v : op.inputs) inputs.push_back(list[v].type);
  const ValueType* cut = !inputs.empty() ? &inputs[0] : !op.outputs.empty() ? &list[op.outputs[0]].type : nullptr;
  const bool is_of_batch = cut != nullptr && cut->shape.rank() > 0 && cut->rows() == rows;
  return is_of_batch ? op.op->row_cut(inputs) : RowCut{};
}

std::vector<StageSpan> stage_spans(const OpList& list, int64_t rows) {
  std::vector<StageSpan> spans;
  int64_t stage = 0;
  bool is_open = false;
  for (const PlanOp& op : list.ops) {
    const RowCut cut = row_cut(list, op, rows);
    if ((cut.phases == 0 || cut.needs_all) && is_open) ++stage;
    const int64_t last = stage + std::max(0, cut.phases - 1);
    spans.push_back({stage, last});
    is_open = cut.phases > 0;
    stage = is_open ? last : last + 1;
  }
  return spans;
}

}  // namespace redbud
