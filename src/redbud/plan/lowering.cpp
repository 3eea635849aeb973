#include "redbud/plan/lowering.h"

#include <algorithm>

#include "redbud/core/text.h"

namespace redbud {
namespace {

bool is_prediction(PlanGoal goal) { return goal == PlanGoal::Predictions || goal == PlanGoal::Samples; }

class Lowering final : public PlanBuilder {
 public:
  Lowering(const Graph& graph, const PlanOptions& options) : graph_(graph), options_(options) {
    for (const Segment& s : graph.parameter_layout().segments()) {
      const int segment = static_cast<int>(parameters_.size());
      parameters_.push_back(result_.list.add_value({options.type, s.shape}, Storage::Parameter, segment));
    }
    for (const Segment& s : graph.buffer_layout().segments()) {
      const int segment = static_cast<int>(buffers_.size());
      buffers_.push_back(result_.list.add_value({options.type, s.shape}, Storage::Buffer, segment));
    }
  }

  PlanMode mode() const override {
    if (options_.goal == PlanGoal::Statistics) return PlanMode::Statistics;
    if (options_.goal == PlanGoal::Samples) return PlanMode::Sample;
    return options_.goal == PlanGoal::Gradients ? PlanMode::Train : PlanMode::Predict;
  }
  int64_t rows() const override { return options_.rows; }
  DType type() const override { return options_.type; }
  const ValueType& type_of(Value v) const override { return result_.list[v].type; }
  std::vector<Value> emit(std::unique_ptr<const Op> op, std::vector<Value> inputs,
                          std::vector<Value> updates) override {
    return result_.list.append(std::move(op), std::move(inputs), std::move(updates), node_);
  }
  uint32_t next_lane() override { return static_cast<uint32_t>(node_) * kLanesPerNode + lanes_++; }

  Lowered run(const Loss* loss) {
    std::vector<Value> values;
    for (node_ = 0; node_ < static_cast<int>(graph_.nodes().size()); ++node_) {
      lanes_ = 0;
      values.push_back(lower_node(graph_.node(node_), values));
    }
    for (int node : options_.watched) result_.watched.push_back(values[static_cast<size_t>(node)]);
    node_ = graph_.output();
    result_.output = values.back();
    result_.differentiated = options_.goal == PlanGoal::Gradients;
    if (is_prediction(options_.goal)) {
      if (loss != nullptr) result_.output = loss->lower_prediction(result_.output, *this);
    } else {
      lower_loss(*loss);
    }
    return std::move(result_);
  }

 private:
  static constexpr uint32_t kLanesPerNode = 4;

  Value lower_node(const Node& node, const std::vector<Value>& values) {
    if (!node.layer) {
      result_.inputs.push_back(slot(options_.type, node.signature.output.shape));
      return result_.inputs.back();
    }
    std::vector<Value> inputs, parameters, buffers;
    for (int i : node.inputs) inputs.push_back(values[static_cast<size_t>(i)]);
    for (int p : node.parameters) parameters.push_back(parameters_[static_cast<size_t>(p)]);
    for (int b : node.buffers) buffers.push_back(buffers_[static_cast<size_t>(b)]);
    try {
      return node.layer->lower({.inputs = inputs, .parameters = parameters, .buffers = buffers, .frozen = node.frozen},
                               *this);
    } catch (const Error& e) {
      ErrorText text = e.text();
      text.where = "layer " + quote(node.name);
      throw Error(e.kind(), text);
    }
  }

  void lower_loss(const Loss& loss) {
    const BlockType block = target_block(loss, graph_.output_shape().elements(), options_.soft_targets);
    result_.target = slot(block.type == DType::F32 ? options_.type : block.type, block.shape);
    if (options_.weighted) result_.weight = slot(options_.type, {});
    const bool gradient = options_.goal == PlanGoal::Gradients;
    result_.loss = loss.lower(result_.output, result_.target, result_.weight, gradient, *this)[0];
  }

  Value slot(DType type, const Shape& row) {
    std::vector<int64_t> extents = {options_.rows};
    extents.insert(extents.end(), row.begin(), row.end());
    return result_.list.add_value({type, Shape(extents)}, Storage::Slot);
  }

  const Graph& graph_;
  const PlanOptions& options_;
  Lowered result_;
  std::vector<Value> parameters_;
  std::vector<Value> buffers_;
  int node_ = -1;
  uint32_t lanes_ = 0;
};

}  // namespace

bool is_result(const Lowered& lowered, Value v) {
  const auto& watched = lowered.watched;
  return v == lowered.output || v == lowered.loss || std::find(watched.begin(), watched.end(), v) != watched.end();
}

Lowered lower(const Graph& graph, const Loss* loss, const PlanOptions& options) {
  RB_ASSERT(loss != nullptr || is_prediction(options.goal));
  return Lowering(graph, options).run(loss);
}

}  // namespace redbud
