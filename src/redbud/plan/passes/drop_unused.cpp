// An op whose outputs nobody reads and that updates nothing is left out (a dropout's mask below a frozen cut, say).
#include <algorithm>

#include "redbud/plan/passes/match.h"
#include "redbud/plan/passes/pass.h"

namespace redbud {

bool drop_unused(Lowered& lowered) {
  OpList& list = lowered.list;
  bool changed = false;
  for (size_t i = list.ops.size(); i-- > 0;) {
    const PlanOp& op = list.ops[i];
    const bool read = std::any_of(op.outputs.begin(), op.outputs.end(),
                                  [&](Value v) { return is_result(lowered, v) || !list.readers(v).empty(); });
    if (read || !op.updates.empty()) continue;
    erase_op(list, i);
    changed = true;
  }
  return changed;
}

}  // namespace redbud
