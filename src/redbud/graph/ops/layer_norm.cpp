#include "redbud/graph/ops/layer_norm.h"

#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/layer_norm.h"

namespace redbud {
namespace {

kernels::LayerNormProblem problem_of(const ValueType& x, const LayerNormSpec& spec) {
  return {.type = x.type, .rows = x.rows(), .features = x.width(), .epsilon = spec.epsilon};
}

}  // namespace

std::vector<ValueType> LayerNormOp::outputs(std::span<const ValueType> inputs) const {
  const ValueType statistics{inputs[0].type, {inputs[0].rows()}};
  return {inputs[0], statistics, statistics};
}

void LayerNormOp::differentiate(Differentiator& d) const {
  const int gamma_at = spec_.scale ? 1 : -1;
  const int beta_at = spec_.center ? 1 + (spec_.scale ? 1 : 0) : -1;
  const bool parameters = (spec_.scale && d.wants(gamma_at)) || (spec_.center && d.wants(beta_at));
  if (!parameters && !d.wants(0)) return;
  std::vector<Value> inputs = {d.output_gradient(), d.input(0), d.output(1), d.output(2)};
  if (spec_.scale) inputs.push_back(d.input(gamma_at));
  std::vector<Value> updates;
  bool accumulate = false;
  for (int at : {gamma_at, beta_at}) {
    if (at < 0 || !parameters) continue;
    const auto gradient = d.parameter_gradient(at);
    updates.push_back(gradient.value);
    accumulate = gradient.accumulate;
  }
  const Value dx = d.emit(std::make_unique<LayerNormGradientOp>(spec_, parameters, accumulate), inputs, updates)[0];
  if (d.wants(0)) d.give(0, dx);
}

BoundStep LayerNormOp::bind(const BindContext& c) const {
  kernels::LayerNormForwardArgs args;
  args.x = c.inputs[0].memory;
  args.y = c.outputs[0].memory;
  if (spec_.scale) args.gamma = c.inputs[1].memory.data;
  if (spec_.center) args.beta = c.inputs.back().memory.data;
  args.mean = c.outputs[1].memory.data;
  args.inv = c.outputs[2].memory.data;
  return bind_kernel(kernels::layer_norm_forward_kernels(), problem_of(c.inputs[0].type, spec_), args, c.policy);
}

BoundStep LayerNormGradientOp::bind(const BindContext& c) const {
  kernels::LayerNormProblem problem = problem_of(c.inputs[0].type, spec_);
  problem.accumulate = accumulate_;
  kernels::LayerNormBackwardArgs args;
  args.dy = c.inputs[0].memory;
  args.x = c.inputs[1].memory;
  args.mean = c.inputs[2].memory.data;
  args.inv = c.inputs[3].memory.data;
  if (spec_.scale) args.gamma = c.inputs[4].memory.data;
  args.dx = c.outputs[0].memory;
  if (parameters_ && spec_.scale) args.dgamma = c.updates[0].memory.data;
  if (parameters_ && spec_.center) args.dbeta = c.updates.back().memory.data;
  return bind_kernel(kernels::layer_norm_backward_kernels(), problem, args, c.policy);
}

}  // namespace redbud
