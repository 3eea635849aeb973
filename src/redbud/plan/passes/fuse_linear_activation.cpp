// linear -> activation becomes linear with an activation. The product itself is read by nobody else, so it is never
// stored.
#include "redbud/graph/ops/activation.h"
#include "redbud/graph/ops/linear.h"
#include "redbud/plan/passes/match.h"
#include "redbud/plan/passes/pass.h"

namespace redbud {

bool fuse_linear_activation(Lowered& lowered) {
  OpList& list = lowered.list;
  bool changed = false;
  for (size_t i = 0; i < list.ops.size(); ++i) {
    const auto* activation = as<ActivationOp>(list, i);
    if (activation == nullptr || needs_input(lowered, activation->activation())) continue;
    const size_t maker = list.maker(list.ops[i].inputs[0]);
    if (maker == OpList::npos || !read_only_by(lowered, list.ops[i].inputs[0], i)) continue;
    const auto* linear = as<LinearOp>(list, maker);
    if (linear == nullptr || !linear->activation().is_identity()) continue;
    auto fused = std::make_unique<LinearOp>(linear->bias(), activation->activation());
    list.ops[maker].outputs = list.ops[i].outputs;
    list.ops[maker].node = list.ops[i].node;
    list.ops[maker].op = std::move(fused);
    erase_op(list, i--);
    changed = true;
  }
  return changed;
}

}  // namespace redbud
