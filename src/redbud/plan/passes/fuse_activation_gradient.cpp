// linear_input_gradient -> activation_gradient of the layer below becomes one op: dx * f'(x) while dx is in cache.
#include "redbud/graph/ops/activation.h"
#include "redbud/graph/ops/linear.h"
#include "redbud/plan/passes/match.h"
#include "redbud/plan/passes/pass.h"

namespace redbud {

bool fuse_activation_gradient(Lowered& lowered) {
  OpList& list = lowered.list;
  bool changed = false;
  for (size_t i = 0; i < list.ops.size(); ++i) {
    const auto* gradient = as<ActivationGradientOp>(list, i);
    if (gradient == nullptr) continue;
    const size_t maker = list.maker(list.ops[i].inputs[0]);
    if (maker == OpList::npos || !read_only_by(lowered, list.ops[i].inputs[0], i)) continue;
    const auto* product = as<LinearInputGradientOp>(list, maker);
    if (product == nullptr || !product->activation().is_identity()) continue;
    auto fused = std::make_unique<LinearInputGradientOp>(gradient->activation());
    list.ops[maker].inputs.push_back(list.ops[i].inputs[1]);
    list.ops[maker].outputs[0] = list.ops[i].outputs[0];
    list.ops[maker].op = std::move(fused);
    erase_op(list, i--);
    changed = true;
  }
  return changed;
}

}  // namespace redbud
