#include "redbud/plan/autodiff.h"

#include <algorithm>

#include "redbud/graph/ops/combine.h"

namespace redbud {
namespace {

class Backward final : public Differentiator {
 public:
  Backward(Lowered& lowered, const SegmentLayout& layout) : lowered_(lowered), list_(lowered.list) {
    needed_.resize(list_.values.size(), false);
    gradient_.resize(list_.values.size());
    parameter_.resize(list_.values.size());
    for (size_t v = 0; v < list_.values.size(); ++v) {
      const PlanValue& value = list_.values[v];
      needed_[v] = value.storage == Storage::Parameter && layout[value.segment].trainable;
    }
    for (const PlanOp& op : list_.ops) {
      const bool any = std::any_of(op.inputs.begin(), op.inputs.end(), [&](Value v) { return needed(v); });
      for (Value v : op.outputs) needed_[static_cast<size_t>(v.id)] = any;
    }
  }

  void run() {
    for (size_t i = list_.ops.size(); i-- > 0;) {
      at_ = i;
      const bool is_loss = op().outputs[0] == lowered_.loss;
      if (!needed(op().outputs[0]) || (!is_loss && !gradient_of(op().outputs[0]).exists())) continue;
      op().op->differentiate(*this);
    }
  }

  Value input(int i) const override { return op().inputs[static_cast<size_t>(i)]; }
  int inputs() const override { return static_cast<int>(op().inputs.size()); }
  Value output(int i) const override { return op().outputs[static_cast<size_t>(i)]; }
  const ValueType& type(Value v) const override { return list_[v].type; }
  Value output_gradient() const override { return gradient_of(op().outputs[0]); }
  bool wants(int i) const override { return needed(input(i)); }
  bool is_parameter(int i) const override { return list_[input(i)].storage == Storage::Parameter; }

  std::vector<Value> emit(std::unique_ptr<const Op> made, std::vector<Value> from,
                          std::vector<Value> updates) override {
    return list_.append(std::move(made), std::move(from), std::move(updates), op().node);
  }

  void give(int i, Value gradient) override {
    Value& sum = gradient_[static_cast<size_t>(input(i).id)];
    sum = sum.exists() ? emit(std::make_unique<AddOp>(), {sum, gradient}, {})[0] : gradient;
  }

  ParameterGradient parameter_gradient(int i) override {
    const Value parameter = input(i);
    Value& gradient = parameter_[static_cast<size_t>(parameter.id)];
    if (gradient.exists()) return {gradient, true};
    const PlanValue value = list_[parameter];
    gradient = list_.add_value(value.type, Storage::Gradient, value.segment);
    return {gradient, false};
  }

 private:
  const PlanOp& op() const { return list_.ops[at_]; }
  bool needed(Value v) const {
    return static_cast<size_t>(v.id) < needed_.size() && needed_[static_cast<size_t>(v.id)];
  }
  Value gradient_of(Value v) const { return gradient_[static_cast<size_t>(v.id)]; }

  Lowered& lowered_;
  OpList& list_;
  std::vector<bool> needed_;      // of the forward values
  std::vector<Value> gradient_;   // of the forward values
  std::vector<Value> parameter_;  // the Gradient value of a Parameter value
  size_t at_ = 0;
};

}  // namespace

void differentiate(Lowered& lowered, const SegmentLayout& parameters) { Backward(lowered, parameters).run(); }

}  // namespace redbud
