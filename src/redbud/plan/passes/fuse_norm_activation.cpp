// batch_norm -> activation becomes batch_norm with an activation; in prediction, too.
#include "redbud/graph/ops/activation.h"
#include "redbud/graph/ops/batch_norm.h"
#include "redbud/plan/passes/match.h"
#include "redbud/plan/passes/pass.h"

namespace redbud {
namespace {

template <class Norm>
bool fuse_into(Lowered& lowered, size_t maker, size_t i, const kernels::Activation& activation) {
  OpList& list = lowered.list;
  const auto* norm = as<Norm>(list, maker);
  if (norm == nullptr || !norm->spec().activation.is_identity() || norm->spec().dropout) return false;
  BatchNormSpec spec = norm->spec();
  spec.activation = activation;
  list.ops[maker].outputs[0] = list.ops[i].outputs[0];
  list.ops[maker].op = std::make_unique<Norm>(spec);
  erase_op(list, i);
  return true;
}

}  // namespace

bool fuse_norm_activation(Lowered& lowered) {
  OpList& list = lowered.list;
  bool changed = false;
  for (size_t i = 0; i < list.ops.size(); ++i) {
    const auto* op = as<ActivationOp>(list, i);
    if (op == nullptr || needs_input(lowered, op->activation())) continue;
    const kernels::Activation activation = op->activation();
    const size_t maker = list.maker(list.ops[i].inputs[0]);
    if (maker == OpList::npos || !read_only_by(lowered, list.ops[i].inputs[0], i)) continue;
    if (!fuse_into<BatchNormOp>(lowered, maker, i, activation) &&
        !fuse_into<BatchNormInferenceOp>(lowered, maker, i, activation))
      continue;
    --i;
    changed = true;
  }
  return changed;
}

}  // namespace redbud
