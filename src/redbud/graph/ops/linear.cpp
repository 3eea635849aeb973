#include "redbud/graph/ops/linear.h"

#include <cstring>

#include "redbud/graph/ops/activation.h"
#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/linear.h"

namespace redbud {
namespace {

kernels::LinearInputGradientProblem input_gradient_problem(const kernels::Activation& activation, const ValueType& dy,
                                                           const ValueType& w) {
  return {.type = dy.type, .rows = dy.rows(), .inputs = w.shape[0], .outputs = w.shape[1], .activation = activation};
}

/// Whether every thread had better read all weights for some rows than some of them for all rows.
bool are_few(const ValueType& weights) { return weights.shape.elements() <= 128 * 1024; }

}  // namespace

std::vector<ValueType> LinearOp::outputs(std::span<const ValueType> inputs) const {
  RB_ASSERT(inputs[0].width() == inputs[1].shape[0]);
  return {{inputs[0].type, {inputs[0].rows(), inputs[1].shape[1]}}};
}

/// Of a weight that was made of a parameter.
void LinearOp::give_weight_gradient(Differentiator& d, Value dz) const {
  const bool bias = bias_ && d.wants(2);
  std::vector<Value> updates;
  bool accumulate = false;
  if (bias) {
    const auto db = d.parameter_gradient(2);
    updates.push_back(db.value);
    accumulate = db.accumulate;
  }
  d.give(1, d.emit(std::make_unique<LinearWeightGradientOp>(bias, accumulate, true), {d.input(0), dz}, updates)[0]);
}

void LinearOp::differentiate(Differentiator& d) const {
  Value dz = d.output_gradient();
  RB_ASSERT(!derivative_from_input(activation_));  // z is gone; the passes see to it
  if (!activation_.is_identity())
    dz = d.emit(std::make_unique<ActivationGradientOp>(activation_), {dz, d.output(0)})[0];
  if (d.wants(1) && !d.is_parameter(1)) {
    give_weight_gradient(d, dz);
  } else if (d.wants(1)) {
    const auto dw = d.parameter_gradient(1);
    std::vector<Value> updates = {dw.value};
    const bool bias = bias_ && d.wants(2);
    if (bias) updates.push_back(d.parameter_gradient(2).value);
    d.emit(std::make_unique<LinearWeightGradientOp>(bias, dw.accumulate), {d.input(0), dz}, updates);
  }
  if (d.wants(0)) {
    d.give(0, d.emit(std::make_unique<LinearInputGradientOp>(kernels::Activation{}), {dz, d.input(1)})[0]);
  }
}

BoundStep LinearOp::bind(const BindContext& c) const {
  const Operand& x = c.inputs[0];
  const Operand& w = c.inputs[1];
  const kernels::LinearForwardProblem problem{.type = x.type.type,
                                              .rows = x.type.rows(),
                                              .inputs = w.type.shape[0],
                                              .outputs = w.type.shape[1],
                                              .bias = bias_,
                                              .activation = activation_};
  const kernels::LinearForwardArgs args{
      .x = x.memory, .w = w.memory, .y = c.outputs[0].memory, .b = bias_ ? c.inputs[2].memory.data : nullptr};
  using Args = kernels::LinearForwardArgs;
  return bind_row_kernel(kernels::linear_forward_kernels(), problem, args, c.policy,
                         moving(problem.type, &Args::x, &Args::y));
}

RowCut LinearOp::row_cut(std::span<const ValueType> inputs) const { return {.phases = are_few(inputs[1]) ? 1 : 0}; }

int64_t LinearOp::multiply_adds(std::span<const ValueType> inputs) const {
  return inputs[0].rows() * inputs[1].shape.elements();
}

std::string LinearOp::detail() const { return describe(activation_); }

std::vector<ValueType> LinearInputGradientOp::outputs(std::span<const ValueType> inputs) const {
  const auto problem = input_gradient_problem(activation_, inputs[0], inputs[1]);
  const int64_t scratch = kernels::linear_input_gradient_scratch_bytes(problem);
  return {{inputs[0].type, {problem.rows, problem.inputs}}, {DType::U8, {scratch}}};
}

BoundStep LinearInputGradientOp::bind(const BindContext& c) const {
  const auto problem = input_gradient_problem(activation_, c.inputs[0].type, c.inputs[1].type);
  const kernels::LinearInputGradientArgs args{.dy = c.inputs[0].memory,
                                              .w = c.inputs[1].memory,
                                              .at = activation_.is_identity() ? kernels::Matrix{} : c.inputs[2].memory,
                                              .dx = c.outputs[0].memory,
                                              .scratch = c.outputs[1].memory.data};
  using Args = kernels::LinearInputGradientArgs;
  return bind_row_kernel(kernels::linear_input_gradient_kernels(), problem, args, c.policy,
                         moving(problem.type, &Args::dy, &Args::at, &Args::dx));
}

RowCut LinearInputGradientOp::row_cut(std::span<const ValueType> inputs) const {
  return {.phases = are_few(inputs[1]) ? 1 : 0};
}

int64_t LinearInputGradientOp::multiply_adds(std::span<const ValueType> inputs) const {
  return inputs[0].rows() * inputs[1].shape.elements();
}

std::string LinearInputGradientOp::detail() const {
  return activation_.is_identity() ? std::string() : "times derivative of " + describe(activation_);
}

std::vector<ValueType> LinearWeightGradientOp::outputs(std::span<const ValueType> inputs) const {
  const auto problem = problem_of(inputs[0], inputs[1]);
  std::vector<ValueType> types = {{DType::U8, {kernels::linear_weight_gradient_scratch_bytes(problem)}}};
  if (weight_is_made_) types.insert(types.begin(), {inputs[0].type, {problem.inputs, problem.outputs}});
  return types;
}

kernels::LinearWeightGradientProblem LinearWeightGradientOp::problem_of(const ValueType& x, const ValueType& dy) const {
  return {.type = x.type,
          .rows = x.rows(),
          .inputs = x.width(),
          .outputs = dy.width(),
          .bias = bias_,
          .accumulate = accumulate_};
}

BoundStep LinearWeightGradientOp::bind(const BindContext& c) const {
  const Operand& x = c.inputs[0];
  const Operand& dy = c.inputs[1];
  const Operand& dw = weight_is_made_ ? c.outputs[0] : c.updates[0];
  const kernels::LinearWeightGradientArgs args{.x = x.memory,
                                               .dy = dy.memory,
                                               .dw = dw.memory,
                                               .db = bias_ ? c.updates.back().memory.data : nullptr,
                                               .scratch = c.outputs.back().memory.data};
  const auto problem = problem_of(x.type, dy.type);
  const auto list = kernels::linear_weight_gradient_kernels();
  if (is_cut(problem)) return bind_part_kernel(list, problem, args, c.policy);
  BoundStep step = bind_kernel(list, problem, args, c.policy);
  if (!weight_is_made_ || !accumulate_) return step;
  // The bias is added to, and the kernel then adds to both.
  const auto bytes = static_cast<size_t>(dw.type.rows() * dw.memory.stride * size_of(dw.type.type));
  step.run = [run = std::move(step.run), to = dw.memory.data, bytes](const StepContext& s) {
    std::memset(to, 0, bytes);
    run(s);
  };
  return step;
}

bool LinearWeightGradientOp::is_cut(const kernels::LinearWeightGradientProblem& problem) const {
  return !weight_is_made_ && kernels::linear_weight_gradient_scratch_bytes(problem) > 0;
}

/// A half of the rows is one chunk where there are two of them; else a chunk's part of the sums reads others, too.
RowCut LinearWeightGradientOp::row_cut(std::span<const ValueType> inputs) const {
  const auto problem = problem_of(inputs[0], inputs[1]);
  return {.phases = is_cut(problem) ? 2 : 0, .needs_all = kernels::RowChunks(problem.rows).count() > 2};
}

int64_t LinearWeightGradientOp::multiply_adds(std::span<const ValueType> inputs) const {
  return inputs[0].rows() * inputs[0].width() * inputs[1].width();
}

}  // namespace redbud
