// An activation whose derivative is computed from its input stores the derivative with its value: forward they share
// the exponential, and backward is a product. The input needn't be kept.
#include "redbud/graph/ops/activation.h"
#include "redbud/plan/passes/match.h"
#include "redbud/plan/passes/pass.h"

namespace redbud {

bool store_slopes(Lowered& lowered) {
  OpList& list = lowered.list;
  bool changed = false;
  for (size_t i = 0; i < list.ops.size(); ++i) {
    const auto* activation = as<ActivationOp>(list, i);
    if (activation == nullptr || !needs_input(lowered, activation->activation())) continue;
    list.ops[i].outputs.push_back(list.add_value(list[list.ops[i].outputs[0]].type, Storage::Arena));
    list.ops[i].op = std::make_unique<ActivationSlopesOp>(activation->activation());
    changed = true;
  }
  return changed;
}

}  // namespace redbud
