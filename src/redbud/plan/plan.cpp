#include "redbud/plan/plan.h"

#include <fmt/format.h>

#include <cmath>

#include "redbud/core/text.h"
#include "redbud/plan/compile.h"
#include "redbud/plan/memory_plan.h"
#include "redbud/plan/row_stages.h"

namespace redbud {
namespace {

template <class T>
bool all_finite(const Operand& operand) {
  const ValueType& type = operand.type;
  for (int64_t n = 0; n < type.rows(); ++n) {
    const T* row = operand.memory.row<T>(n);
    for (int64_t k = 0; k < type.width(); ++k) {
      if (!std::isfinite(row[k])) return false;
    }
  }
  return true;
}

bool is_finite(const Operand& operand) {
  if (operand.type.type == DType::F32) return all_finite<float>(operand);
  return operand.type.type != DType::F64 || all_finite<double>(operand);
}

}  // namespace

struct Plan::Impl {
  struct Step {
    std::function<void(const StepContext&)> run;
    std::vector<Operand> written;
    std::string place;  // for find_non_finite
  };

  Lowered lowered;
  MemoryPlan memory;
  AlignedBuffer arena;
  std::vector<Step> steps;
  RowStages stages{1};  // the same steps for several threads; none where the batch is not cut
  std::vector<StepInfo> infos;
  std::vector<std::string> passes;
  BatchView batch;
  int64_t rows = 0;
  ParameterStore* values = nullptr;
  AlignedBuffer* gradients = nullptr;
  kernels::KernelPolicy policy = kernels::KernelPolicy::Fastest;

  Operand operand(Value v) {
    const PlanValue& value = lowered.list[v];
    const auto index = static_cast<size_t>(v.id);
    std::byte* start = nullptr;
    const int64_t size = size_of(value.type.type);
    switch (value.storage) {
      case Storage::Arena:
      case Storage::Slot:
        start = arena.data() + memory.offset[index];
        break;
      case Storage::Parameter:
        start = values->parameter_memory().data() + values->parameters()[value.segment].offset * size;
        break;
      case Storage::Gradient:
        start = gradients->data() + values->parameters()[value.segment].offset * size;
        break;
      case Storage::Buffer:
        start = values->buffer_memory().data() + values->buffers()[value.segment].offset * size;
        break;
    }
    // A parameter's rows are dense whatever its rank, so its stride is its width.
    return {value.type, {start, memory.stride[index]}};
  }

  std::vector<Operand> operands(const std::vector<Value>& list) {
    std::vector<Operand> found;
    for (Value v : list) found.push_back(operand(v));
    return found;
  }

  void bind(const PlanOp& op, const Graph& graph) {
    const auto inputs = operands(op.inputs);
    const auto outputs = operands(op.outputs);
    const auto updates = operands(op.updates);
    BoundStep bound = op.op->bind({inputs, outputs, updates, policy});
    if (stages.pay()) stages.add(bound, row_cut(lowered.list, op, rows));
    const Node& node = graph.node(op.node);
    Step step{std::move(bound.run), outputs, {}};
    step.written.insert(step.written.end(), updates.begin(), updates.end());
    step.place = fmt::format("layer {} ({}), {}", node.name, node.layer ? node.layer->kind() : "input", op.op->name());
    steps.push_back(std::move(step));
    infos.push_back(info_of(op, node, bound, inputs, outputs));
  }

  StepInfo info_of(const PlanOp& op, const Node& node, BoundStep& bound, const std::vector<Operand>& inputs,
                   const std::vector<Operand>& outputs) const {
    StepInfo info;
    info.op = op.op->name();
    info.detail = op.op->detail();
    info.layer = node.name;
    std::vector<ValueType> types;
    for (const Operand& input : inputs) {
      types.push_back(input.type);
      info.shapes += to_string(input.type.shape) + " ";
    }
    info.shapes += "->";
    for (const Operand& output : outputs) {
      const bool is_scratch = output.type.type == DType::U8 && output.type.shape.rank() == 1;
      if (!is_scratch) info.shapes += " " + to_string(output.type.shape);
      info.output_bytes += output.type.shape.elements() * size_of(output.type.type);
    }
    info.kernel = bound.kernel;
    info.refused = std::move(bound.refused);
    info.multiply_adds = op.op->multiply_adds(types);
    if (!op.outputs.empty()) info.arena_offset = memory.offset[static_cast<size_t>(op.outputs[0].id)];
    return info;
  }

  BlockView view(Value v) {
    const Operand o = operand(v);
    return {o.memory.data, o.memory.stride};
  }
};

Plan::Plan(const Graph& graph, const Loss* loss, ParameterStore& values, AlignedBuffer* gradients,
           const PlanOptions& options)
    : impl_(std::make_unique<Impl>()) {
  RB_ASSERT(options.rows >= 1 && values.type() == options.type);
  RB_ASSERT(options.goal != PlanGoal::Gradients || gradients != nullptr);
  Impl& p = *impl_;
  p.rows = options.rows;
  p.values = &values;
  p.gradients = gradients;
  p.policy = options.kernels;
  p.lowered = compile(graph, loss, options, p.passes);
  if (options.goal == PlanGoal::Gradients) p.stages = RowStages(options.rows);
  p.memory = p.stages.pay() ? plan_memory(p.lowered.list, stage_spans(p.lowered.list, options.rows))
                            : plan_memory(p.lowered.list);
  p.arena = AlignedBuffer(p.memory.bytes);
  for (const PlanOp& op : p.lowered.list.ops) p.bind(op, graph);
  for (Value v : p.lowered.inputs) p.batch.inputs.push_back(p.view(v));
  if (p.lowered.target.exists()) p.batch.targets.push_back(p.view(p.lowered.target));
  if (p.lowered.weight.exists()) p.batch.weights = static_cast<float*>(p.operand(p.lowered.weight).memory.data);
}

Plan::~Plan() = default;
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;

int64_t Plan::rows() const { return impl_->rows; }
const BatchView& Plan::batch() const { return impl_->batch; }

void Plan::run(const StepContext& context) {
  if (impl_->stages.pay() && context.pool.threads() > 1) return impl_->stages.run(context);
  for (const Impl::Step& step : impl_->steps) step.run(context);
}

double Plan::loss() const {
  RB_ASSERT(impl_->lowered.loss.exists());
  return *static_cast<const double*>(impl_->operand(impl_->lowered.loss).memory.data);
}

kernels::Matrix Plan::output() const { return impl_->operand(impl_->lowered.output).memory; }
int64_t Plan::output_width() const { return impl_->lowered.list[impl_->lowered.output].type.width(); }

kernels::Matrix Plan::watched(size_t i) const { return impl_->operand(impl_->lowered.watched.at(i)).memory; }

std::string Plan::find_non_finite(const StepContext& context) {
  for (Value v : impl_->lowered.inputs) {
    if (!is_finite(impl_->operand(v))) return "the input";
  }
  for (const Impl::Step& step : impl_->steps) {
    step.run(context);
    for (const Operand& written : step.written) {
      if (!is_finite(written)) return step.place;
    }
  }
  return {};
}

int64_t Plan::arena_bytes() const { return impl_->memory.bytes; }
const std::vector<StepInfo>& Plan::steps() const { return impl_->infos; }
const std::vector<std::string>& Plan::passes() const { return impl_->passes; }

}  // namespace redbud
