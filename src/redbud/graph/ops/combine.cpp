#include "redbud/graph/ops/combine.h"

#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/elementwise.h"

namespace redbud {
namespace {

kernels::Matrix columns_from(const Operand& operand, int64_t begin) {
  auto* bytes = static_cast<std::byte*>(operand.memory.data);
  return {bytes + begin * size_of(operand.type.type), operand.memory.stride};
}

BoundStep bind_add(const Operand& y, int64_t y_begin, const Operand& x, int64_t x_begin, int64_t width, bool accumulate,
                   kernels::KernelPolicy policy) {
  const kernels::AddProblem problem{
      .type = x.type.type, .rows = x.type.rows(), .features = width, .accumulate = accumulate};
  return bind_kernel(kernels::add_kernels(), problem,
                     kernels::AddArgs{columns_from(x, x_begin), columns_from(y, y_begin)}, policy);
}

BoundStep in_order(BoundStep first, BoundStep second) {
  first.run = [a = std::move(first.run), b = std::move(second.run)](const StepContext& s) {
    a(s);
    b(s);
  };
  return first;
}

}  // namespace

void AddOp::differentiate(Differentiator& d) const {
  for (int i = 0; i < 2; ++i) {
    if (d.wants(i)) d.give(i, d.output_gradient());
  }
}

BoundStep AddOp::bind(const BindContext& c) const {
  const int64_t width = c.outputs[0].type.width();
  BoundStep add = bind_add(c.outputs[0], 0, c.inputs[1], 0, width, true, c.policy);
  if (c.outputs[0].memory.data == c.inputs[0].memory.data) return add;
  return in_order(bind_add(c.outputs[0], 0, c.inputs[0], 0, width, false, c.policy), std::move(add));
}

std::vector<ValueType> ConcatOp::outputs(std::span<const ValueType> inputs) const {
  int64_t width = 0;
  for (const ValueType& x : inputs) width += x.width();
  return {{inputs[0].type, {inputs[0].rows(), width}}};
}

void ConcatOp::differentiate(Differentiator& d) const {
  int64_t begin = 0;
  for (int i = 0; i < d.inputs(); ++i) {
    const int64_t width = d.type(d.input(i)).width();
    if (d.wants(i)) d.give(i, d.emit(std::make_unique<SliceOp>(begin, width), {d.output_gradient()})[0]);
    begin += width;
  }
}

BoundStep ConcatOp::bind(const BindContext& c) const {
  BoundStep all = bind_add(c.outputs[0], 0, c.inputs[0], 0, c.inputs[0].type.width(), false, c.policy);
  int64_t begin = c.inputs[0].type.width();
  for (const Operand& x : c.inputs.subspan(1)) {
    all = in_order(std::move(all), bind_add(c.outputs[0], begin, x, 0, x.type.width(), false, c.policy));
    begin += x.type.width();
  }
  return all;
}

BoundStep SliceOp::bind(const BindContext& c) const {
  return bind_add(c.outputs[0], 0, c.inputs[0], begin_, width_, false, c.policy);
}

}  // namespace redbud
