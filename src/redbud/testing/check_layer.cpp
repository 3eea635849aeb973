#include "redbud/testing/check_layer.h"

#include <algorithm>
#include <cmath>

#include "redbud/core/rng.h"
#include "redbud/layers/dense.h"
#include "redbud/losses/registry.h"
#include "redbud/plan/plan.h"

namespace redbud {
namespace {

constexpr int64_t kScores = 3;

/// A plan in double or float on made-up data, with its values.
class Rig {
 public:
  Rig(const Graph& graph, const CheckOptions& options, DType type, kernels::KernelPolicy policy)
      : graph_(graph), options_(options), type_(type), values_(graph.make_store()) {
    values_.initialize(options.seed);
    shake_parameters();
    set_statistics();
    values_ = values_.converted(type);
    gradients_ = AlignedBuffer(values_.parameter_memory().bytes());
    if (type == DType::F64) std::fill_n(gradients_.as<double>().begin(), gradients_.as<double>().size(), std::nan(""));
    const PlanOptions plan{
        .rows = options.rows, .type = type, .kernels = policy, .disabled_passes = options.disabled_passes};
    plan_ = std::make_unique<Plan>(graph, loss_from_config(options.loss).get(), values_, &gradients_, plan);
    fill_batch();
  }

  double run() {
    plan_->run({pool_, options_.seed, 7});
    return plan_->loss();
  }

  double parameter(int64_t i) const { return at(values_.parameter_memory(), i); }
  void set_parameter(int64_t i, double v) { values_.parameter_memory().as<double>()[static_cast<size_t>(i)] = v; }
  double gradient(int64_t i) const { return at(gradients_, i); }

 private:
  double at(const AlignedBuffer& memory, int64_t i) const {
    const auto k = static_cast<size_t>(i);
    return type_ == DType::F64 ? memory.as<double>()[k] : static_cast<double>(memory.as<float>()[k]);
  }

  /// Biases and gammas away from their special start values 0 and 1.
  void shake_parameters() {
    const RandomKey key{.seed = options_.seed, .stream = Stream::Data, .lane = 9};
    for (size_t s = 0; s < values_.parameters().segments().size(); ++s) {
      int64_t i = 1000 * static_cast<int64_t>(s);
      for (float& v : values_.parameter(static_cast<int>(s))) v += 0.1F * static_cast<float>(random_normal(key, i++));
    }
  }

  /// What a frozen normalisation reads: neither 0 nor 1, and exact.
  void set_statistics() {
    const RandomKey key{.seed = options_.seed, .stream = Stream::Data, .lane = 10};
    int64_t i = 0;
    for (size_t b = 0; b < values_.buffers().segments().size(); ++b) {
      const bool counts = values_.buffers().segments()[b].name.ends_with(".steps");
      for (float& v : values_.buffer(static_cast<int>(b)))
        v = counts ? -1.0F : 0.5F + std::abs(static_cast<float>(random_normal(key, i++)));
    }
  }

  void fill_batch() {
    const RandomKey key{.seed = options_.seed, .stream = Stream::Data};
    int64_t element = 0;
    const auto inputs = graph_.inputs();
    for (size_t b = 0; b < inputs.size(); ++b) {
      fill(plan_->batch().inputs[b], graph_.node(inputs[b]).signature.output.shape.elements(), key, element);
    }
    const BlockType target = target_block(*loss_from_config(options_.loss), graph_.output_shape().elements());
    const BlockView& view = plan_->batch().targets[0];
    if (target.type == DType::I32) {
      for (int64_t n = 0; n < options_.rows; ++n) {
        static_cast<int32_t*>(view.data)[n * view.stride] = static_cast<int32_t>(n % graph_.output_shape().elements());
      }
    } else {
      fill(view, target.width(), key, element);
    }
  }

  void fill(const BlockView& view, int64_t width, const RandomKey& key, int64_t& element) const {
    for (int64_t n = 0; n < options_.rows; ++n) {
      for (int64_t k = 0; k < width; ++k) {
        const auto v = static_cast<float>(random_normal(key, element++));  // the same numbers in both types
        if (type_ == DType::F64) {
          static_cast<double*>(view.data)[n * view.stride + k] = static_cast<double>(v);
        } else {
          static_cast<float*>(view.data)[n * view.stride + k] = v;
        }
      }
    }
  }

  const Graph& graph_;
  const CheckOptions& options_;
  DType type_;
  ParameterStore values_;
  AlignedBuffer gradients_;
  std::unique_ptr<Plan> plan_;
  ThreadPool pool_{1};
};

Graph graph_around(std::shared_ptr<const Layer> layer, const CheckOptions& options) {
  Graph graph;
  Graph::LayerOptions around;
  for (size_t i = 0; i < options.inputs.size(); ++i) {
    const std::string number = std::to_string(i);
    graph.add_input("x" + number, {options.inputs[i] + 1});
    graph.add("below" + number,
              std::make_shared<Dense>(DenseConfig{.units = options.inputs[i], .initializer = {"lecun_normal"}}));
    around.inputs.push_back("below" + number);
  }
  graph.add("layer", std::move(layer), around);
  graph.add("above", std::make_shared<Dense>(DenseConfig{.units = kScores, .initializer = {"lecun_normal"}}));
  return graph;
}

}  // namespace

testing::AssertionResult check_graph(const Graph& graph, const CheckOptions& options) {
  Rig rig(graph, options, DType::F64, kernels::KernelPolicy::ReferenceOnly);
  rig.run();
  const auto& segments = graph.parameter_layout().segments();
  std::vector<std::vector<double>> analytic;
  for (const Segment& s : segments) {
    std::vector<double> g;
    for (int64_t i = 0; i < s.size; ++i) g.push_back(rig.gradient(s.offset + i));
    analytic.push_back(std::move(g));
  }
  // PyTorch's gradcheck defaults: eps 1e-6, absolute 1e-5, relative 1e-3, with both tolerances 100 times tighter.
  constexpr double kEps = 1e-6, kAbsolute = 1e-7, kRelative = 1e-5;
  for (size_t s = 0; s < segments.size(); ++s) {
    for (int64_t i = 0; segments[s].trainable && i < segments[s].size; ++i) {
      const int64_t at = segments[s].offset + i;
      const double w = rig.parameter(at);
      rig.set_parameter(at, w + kEps);
      const double up = rig.run();
      rig.set_parameter(at, w - kEps);
      const double down = rig.run();
      rig.set_parameter(at, w);
      const double numeric = (up - down) / (2 * kEps);
      const double found = analytic[s][static_cast<size_t>(i)];
      if (!(std::abs(numeric - found) <= kAbsolute + kRelative * std::abs(numeric))) {
        return testing::AssertionFailure()
               << segments[s].name << "[" << i << "]: gradient " << found << ", central difference " << numeric;
      }
    }
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult check_layer(std::shared_ptr<const Layer> layer, const CheckOptions& options) {
  return check_graph(graph_around(std::move(layer), options), options);
}

testing::AssertionResult check_fast_path(const Graph& graph, const CheckOptions& options) {
  Rig exact(graph, options, DType::F64, kernels::KernelPolicy::ReferenceOnly);
  Rig fast(graph, options, DType::F32, kernels::KernelPolicy::Fastest);
  const double want = exact.run();
  const double got = fast.run();
  // Sums of up to a few hundred f32 terms through a few layers.
  constexpr double kRelative = 2e-5;
  if (!(std::abs(want - got) <= kRelative * std::max(1.0, std::abs(want)))) {
    return testing::AssertionFailure() << "loss " << got << ", reference " << want;
  }
  for (const Segment& s : graph.parameter_layout().segments()) {
    if (!s.trainable) continue;
    double largest = 1e-3;
    for (int64_t i = 0; i < s.size; ++i) largest = std::max(largest, std::abs(exact.gradient(s.offset + i)));
    for (int64_t i = 0; i < s.size; ++i) {
      const double e = exact.gradient(s.offset + i);
      const double f = fast.gradient(s.offset + i);
      if (!(std::abs(e - f) <= 10 * kRelative * largest)) {
        return testing::AssertionFailure() << s.name << "[" << i << "]: gradient " << f << ", reference " << e;
      }
    }
  }
  return testing::AssertionSuccess();
}

}  // namespace redbud
