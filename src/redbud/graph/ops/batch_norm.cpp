#include "redbud/graph/ops/batch_norm.h"

#include "redbud/core/text.h"
#include "redbud/graph/ops/activation.h"
#include "redbud/graph/ops/bind_kernel.h"
#include "redbud/kernels/batch_norm.h"

namespace redbud {
namespace {

std::string describe_spec(const BatchNormSpec& spec) {
  std::string text = describe(spec.activation);
  if (spec.dropout)
    text +=
        (text.empty() ? "" : ", ") + std::string("dropout x ") + format_number(static_cast<float>(spec.dropout_scale));
  return text;
}

ValueType scratch_of(const ValueType& z) {
  return {DType::U8, {kernels::batch_norm_scratch_bytes(z.rows(), z.width())}};
}

/// Takes the operands that the spec says are there, one after the other.
class Operands {
 public:
  explicit Operands(std::span<const Operand> all, size_t at) : all_(all), at_(at) {}
  void* next(bool there) { return there ? all_[at_++].memory.data : nullptr; }

 private:
  std::span<const Operand> all_;
  size_t at_;
};

template <class T>
void count_step(void* steps) {
  *static_cast<T*>(steps) += T{1};
}

}  // namespace

std::vector<ValueType> BatchNormOp::outputs(std::span<const ValueType> inputs) const {
  const ValueType statistics{inputs[0].type, {inputs[0].width()}};
  return {inputs[0], statistics, statistics, scratch_of(inputs[0])};
}

void BatchNormOp::differentiate(Differentiator& d) const {
  const int gamma_at = spec_.scale ? 1 : -1;
  const int beta_at = spec_.center ? 1 + (spec_.scale ? 1 : 0) : -1;
  const int mask_at = d.inputs() - 1;
  const bool parameters = (spec_.scale && d.wants(gamma_at)) || (spec_.center && d.wants(beta_at));
  if (!parameters && !d.wants(0)) return;
  std::vector<Value> inputs = {d.output_gradient(), d.input(0), d.output(0), d.output(1), d.output(2)};
  if (spec_.scale) inputs.push_back(d.input(gamma_at));
  if (spec_.dropout) inputs.push_back(d.input(mask_at));
  std::vector<Value> updates;
  bool accumulate = false;
  for (int at : {gamma_at, beta_at}) {
    if (at < 0 || !parameters) continue;
    const auto gradient = d.parameter_gradient(at);
    updates.push_back(gradient.value);
    accumulate = gradient.accumulate;
  }
  const Value dz = d.emit(std::make_unique<BatchNormGradientOp>(spec_, parameters, accumulate), inputs, updates)[0];
  if (d.wants(0)) d.give(0, dz);
}

BoundStep BatchNormOp::bind(const BindContext& c) const {
  const ValueType& z = c.inputs[0].type;
  const kernels::BatchNormForwardProblem problem{.type = z.type,
                                                 .rows = z.rows(),
                                                 .features = z.width(),
                                                 .epsilon = spec_.epsilon,
                                                 .momentum = spec_.momentum,
                                                 .activation = spec_.activation,
                                                 .dropout = spec_.dropout,
                                                 .dropout_scale = spec_.dropout_scale};
  Operands rest(c.inputs, 1);
  kernels::BatchNormForwardArgs args;
  args.z = c.inputs[0].memory;
  args.gamma = rest.next(spec_.scale);
  args.beta = rest.next(spec_.center);
  args.mask = static_cast<const uint8_t*>(rest.next(spec_.dropout));
  args.y = c.outputs[0].memory;
  args.mean = c.outputs[1].memory.data;
  args.inv = c.outputs[2].memory.data;
  args.scratch = c.outputs[3].memory.data;
  args.running_mean = c.updates[0].memory.data;
  args.running_var = c.updates[1].memory.data;
  const auto count = z.type == DType::F64 ? count_step<double> : count_step<float>;
  return bind_part_kernel(kernels::batch_norm_forward_kernels(), problem, args, c.policy,
                          [count, steps = c.updates[2].memory.data] { count(steps); });
}

std::string BatchNormOp::detail() const { return describe_spec(spec_); }

std::vector<ValueType> BatchNormGradientOp::outputs(std::span<const ValueType> inputs) const {
  return {inputs[0], scratch_of(inputs[0])};
}

BoundStep BatchNormGradientOp::bind(const BindContext& c) const {
  const ValueType& dy = c.inputs[0].type;
  const kernels::BatchNormBackwardProblem problem{.type = dy.type,
                                                  .rows = dy.rows(),
                                                  .features = dy.width(),
                                                  .activation = spec_.activation,
                                                  .dropout = spec_.dropout,
                                                  .dropout_scale = spec_.dropout_scale,
                                                  .accumulate = accumulate_};
  Operands rest(c.inputs, 5);
  Operands gradients(c.updates, 0);
  kernels::BatchNormBackwardArgs args;
  args.dy = c.inputs[0].memory;
  args.z = c.inputs[1].memory;
  args.y = c.inputs[2].memory;
  args.mean = c.inputs[3].memory.data;
  args.inv = c.inputs[4].memory.data;
  args.gamma = rest.next(spec_.scale);
  args.mask = static_cast<const uint8_t*>(rest.next(spec_.dropout));
  args.dz = c.outputs[0].memory;
  args.dgamma = gradients.next(parameters_ && spec_.scale);
  args.dbeta = gradients.next(parameters_ && spec_.center);
  args.scratch = c.outputs[1].memory.data;
  return bind_part_kernel(kernels::batch_norm_backward_kernels(), problem, args, c.policy);
}

/// Fixed statistics inside a trained network: a frozen layer. Nothing of it trains, and to what lies below it is an
/// affine map.
void BatchNormInferenceOp::differentiate(Differentiator& d) const {
  if (!d.wants(0)) return;
  Value dz = d.output_gradient();
  RB_ASSERT(!derivative_from_input(spec_.activation));  // z is gone; the passes see to it
  if (!spec_.activation.is_identity())
    dz = d.emit(std::make_unique<ActivationGradientOp>(spec_.activation), {dz, d.output(0)})[0];
  std::vector<Value> inputs = {dz};
  if (spec_.scale) inputs.push_back(d.input(1));
  for (int i = d.inputs() - 2; i < d.inputs(); ++i) inputs.push_back(d.input(i));  // running_var, steps
  d.give(0, d.emit(std::make_unique<BatchNormInferenceGradientOp>(spec_), inputs)[0]);
}

BoundStep BatchNormInferenceOp::bind(const BindContext& c) const {
  const ValueType& z = c.inputs[0].type;
  const kernels::BatchNormInferenceProblem problem{.type = z.type,
                                                   .rows = z.rows(),
                                                   .features = z.width(),
                                                   .epsilon = spec_.epsilon,
                                                   .activation = spec_.activation};
  Operands rest(c.inputs, 1);
  kernels::BatchNormInferenceArgs args;
  args.z = c.inputs[0].memory;
  args.y = c.outputs[0].memory;
  args.gamma = rest.next(spec_.scale);
  args.beta = rest.next(spec_.center);
  args.running_mean = rest.next(true);
  args.running_var = rest.next(true);
  args.steps = rest.next(true);
  args.momentum = spec_.momentum;
  return bind_kernel(kernels::batch_norm_inference_kernels(), problem, args, c.policy);
}

std::string BatchNormInferenceOp::detail() const { return describe_spec(spec_); }

/// The forward kernel without mean and beta: what is left is the slope.
BoundStep BatchNormInferenceGradientOp::bind(const BindContext& c) const {
  const ValueType& dy = c.inputs[0].type;
  const kernels::BatchNormInferenceProblem problem{
      .type = dy.type, .rows = dy.rows(), .features = dy.width(), .epsilon = spec_.epsilon, .activation = {}};
  Operands rest(c.inputs, 1);
  kernels::BatchNormInferenceArgs args;
  args.z = c.inputs[0].memory;
  args.y = c.outputs[0].memory;
  args.gamma = rest.next(spec_.scale);
  args.running_var = rest.next(true);
  args.steps = rest.next(true);
  args.momentum = spec_.momentum;
  return bind_kernel(kernels::batch_norm_inference_kernels(), problem, args, c.policy);
}

}  // namespace redbud
