#include "redbud/graph/ops/exp.h"

#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/elementwise.h"

namespace redbud {

void ExpOp::differentiate(Differentiator&) const { RB_ASSERT(false && "predictions have no gradient"); }

BoundStep ExpOp::bind(const BindContext& c) const {
  const ValueType& type = c.inputs[0].type;
  const kernels::ExpProblem problem{.type = type.type, .rows = type.rows(), .features = type.width()};
  return bind_kernel(kernels::exp_kernels(), problem, kernels::ExpArgs{c.inputs[0].memory, c.outputs[0].memory},
                     c.policy);
}

}  // namespace redbud
