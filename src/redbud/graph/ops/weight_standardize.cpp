#include "redbud/graph/ops/weight_standardize.h"

#include <algorithm>
#include <cmath>

#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/batch_norm.h"
#include "redbud/kernels/elementwise.h"

namespace redbud {
namespace {

ValueType scratch_of(const ValueType& w) {
  return {DType::U8, {kernels::batch_norm_scratch_bytes(w.rows(), w.width())}};
}

template <class T>
void fill(void* to, int64_t size, double value) {
  std::fill_n(static_cast<T*>(to), size, static_cast<T>(value));
}

}  // namespace

std::vector<ValueType> WeightStandardizeOp::outputs(std::span<const ValueType> inputs) const {
  const ValueType a_unit{inputs[0].type, {inputs[0].width()}};
  return {inputs[0], a_unit, a_unit, a_unit, scratch_of(inputs[0])};
}

void WeightStandardizeOp::differentiate(Differentiator& d) const {
  const auto dw = d.parameter_gradient(0);
  d.emit(std::make_unique<WeightStandardizeGradientOp>(dw.accumulate),
         {d.output_gradient(), d.input(0), d.output(1), d.output(2), d.output(3)}, {dw.value});
}

BoundStep WeightStandardizeOp::bind(const BindContext& c) const {
  const ValueType& w = c.inputs[0].type;
  const auto fan_in = static_cast<double>(w.rows());
  const kernels::BatchNormForwardProblem problem{.type = w.type,
                                                 .rows = w.rows(),
                                                 .features = w.width(),
                                                 .epsilon = kWeightStandardizeEpsilon / fan_in,
                                                 .activation = {}};
  kernels::BatchNormForwardArgs args;
  args.z = c.inputs[0].memory;
  args.y = c.outputs[0].memory;
  args.mean = c.outputs[1].memory.data;
  args.inv = c.outputs[2].memory.data;
  args.gamma = c.outputs[3].memory.data;
  args.scratch = c.outputs[4].memory.data;
  BoundStep step = bind_kernel(kernels::batch_norm_forward_kernels(), problem, args, c.policy);
  const auto fill_gain = w.type == DType::F64 ? fill<double> : fill<float>;
  const double gain = 1.0 / std::sqrt(fan_in);
  step.run = [run = std::move(step.run), fill_gain, to = c.outputs[3].memory.data, size = w.width(),
              gain](const StepContext& s) {
    fill_gain(to, size, gain);
    run(s);
  };
  return step;
}

std::vector<ValueType> WeightStandardizeGradientOp::outputs(std::span<const ValueType> inputs) const {
  std::vector<ValueType> types = {scratch_of(inputs[0])};
  if (accumulate_) types.push_back(inputs[0]);
  return types;
}

BoundStep WeightStandardizeGradientOp::bind(const BindContext& c) const {
  const ValueType& dy = c.inputs[0].type;
  const kernels::BatchNormBackwardProblem problem{
      .type = dy.type, .rows = dy.rows(), .features = dy.width(), .activation = {}};
  kernels::BatchNormBackwardArgs args;
  args.dy = c.inputs[0].memory;
  args.z = args.y = c.inputs[1].memory;  // y is for an activation's derivative; there is none
  args.mean = c.inputs[2].memory.data;
  args.inv = c.inputs[3].memory.data;
  args.gamma = c.inputs[4].memory.data;
  const kernels::Matrix dw = c.updates[0].memory;
  args.scratch = c.outputs[0].memory.data;
  args.dz = accumulate_ ? c.outputs[1].memory : dw;
  BoundStep step = bind_kernel(kernels::batch_norm_backward_kernels(), problem, args, c.policy);
  if (!accumulate_) return step;
  BoundStep add = bind_kernel(kernels::add_kernels(),
                              kernels::AddProblem{.type = dy.type, .rows = dy.rows(), .features = dy.width()},
                              kernels::AddArgs{c.outputs[1].memory, dw}, c.policy);
  step.run = [first = std::move(step.run), second = std::move(add.run)](const StepContext& s) {
    first(s);
    second(s);
  };
  return step;
}

}  // namespace redbud
