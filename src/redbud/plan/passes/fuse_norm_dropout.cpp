// batch_norm -> dropout becomes batch_norm that drops. The norm moves behind the op that draws the mask.
#include <algorithm>

#include "redbud/graph/ops/batch_norm.h"
#include "redbud/graph/ops/dropout.h"
#include "redbud/plan/passes/match.h"
#include "redbud/plan/passes/pass.h"

namespace redbud {

bool fuse_norm_dropout(Lowered& lowered) {
  OpList& list = lowered.list;
  bool changed = false;
  for (size_t i = 0; i < list.ops.size(); ++i) {
    const auto* dropout = as<DropoutApplyOp>(list, i);
    if (dropout == nullptr) continue;
    const size_t maker = list.maker(list.ops[i].inputs[0]);
    if (maker == OpList::npos || !read_only_by(lowered, list.ops[i].inputs[0], i)) continue;
    const auto* norm = as<BatchNormOp>(list, maker);
    if (norm == nullptr || norm->spec().dropout) continue;
    BatchNormSpec spec = norm->spec();
    spec.dropout = true;
    spec.dropout_scale = dropout->scale();
    PlanOp fused = std::move(list.ops[maker]);
    fused.op = std::make_unique<BatchNormOp>(spec);
    fused.inputs.push_back(list.ops[i].inputs[1]);
    fused.outputs[0] = list.ops[i].outputs[0];
    list.ops[i] = std::move(fused);
    erase_op(list, maker);
    --i;
    changed = true;
  }
  return changed;
}

}  // namespace redbud
