// oneDNN's inner product at the shapes of linear_bench, on one thread, in the layouts of its own choice (reorders are
// not counted) and in plain ones.
#include <dnnl.hpp>

#include <cstdlib>
#include <unordered_map>

#include "linear_shapes.h"

namespace redbud {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

/// One primitive with memory of the layouts it asked for.
class Product {
 public:
  Product(const LinearShape& s, Tag weights)
      : src_({s.rows, s.inputs}, memory::data_type::f32, Tag::nc),
        weights_({s.outputs, s.inputs}, memory::data_type::f32, weights),
        dst_({s.rows, s.outputs}, memory::data_type::f32, Tag::nc),
        bias_({s.outputs}, memory::data_type::f32, Tag::x) {}

  void forward() {
    const auto pd = forward_description();
    set(dnnl::inner_product_forward(pd), {{DNNL_ARG_SRC, pd.src_desc()},
                                          {DNNL_ARG_WEIGHTS, pd.weights_desc()},
                                          {DNNL_ARG_BIAS, pd.bias_desc()},
                                          {DNNL_ARG_DST, pd.dst_desc()}});
  }
  void input_gradient() {
    const dnnl::inner_product_backward_data::desc desc(src_, weights_, dst_);
    const dnnl::inner_product_backward_data::primitive_desc pd(desc, engine_, forward_description());
    set(dnnl::inner_product_backward_data(pd), {{DNNL_ARG_DIFF_SRC, pd.diff_src_desc()},
                                                {DNNL_ARG_WEIGHTS, pd.weights_desc()},
                                                {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}});
  }
  void weight_gradient() {
    const dnnl::inner_product_backward_weights::desc desc(src_, weights_, bias_, dst_);
    const dnnl::inner_product_backward_weights::primitive_desc pd(desc, engine_, forward_description());
    set(dnnl::inner_product_backward_weights(pd), {{DNNL_ARG_SRC, pd.src_desc()},
                                                   {DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc()},
                                                   {DNNL_ARG_DIFF_BIAS, pd.diff_bias_desc()},
                                                   {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()}});
  }
  void run() {
    primitive_.execute(stream_, memories_);
    stream_.wait();
  }

 private:
  dnnl::inner_product_forward::primitive_desc forward_description() {
    const dnnl::inner_product_forward::desc desc(dnnl::prop_kind::forward_training, src_, weights_, bias_, dst_);
    return {desc, engine_};
  }
  void set(dnnl::primitive primitive, const std::unordered_map<int, memory::desc>& layouts) {
    primitive_ = std::move(primitive);
    for (const auto& [argument, layout] : layouts) {
      memory values(layout, engine_);
      auto* const floats = static_cast<float*>(values.get_data_handle());
      const auto count = static_cast<int64_t>(layout.get_size() / sizeof(float));
      for (int64_t i = 0; i < count; ++i) floats[i] = static_cast<float>(random_normal({.seed = 1}, i));
      memories_.emplace(argument, std::move(values));
    }
  }

  memory::desc src_, weights_, dst_, bias_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::primitive primitive_;
  std::unordered_map<int, memory> memories_;
};

void time_product(benchmark::State& state, void (Product::*make)(), Tag weights) {
  const LinearShape shape(state);
  Product product(shape, weights);
  (product.*make)();
  for (auto _ : state) product.run();
  shape.report(state);
}

// Weights (outputs, inputs) of their own layout; `io` is ours, where a unit's weights lie a row apart.
BENCHMARK_CAPTURE(time_product, linear_forward, &Product::forward, Tag::any)->Apply(net_shapes);
BENCHMARK_CAPTURE(time_product, linear_forward_plain, &Product::forward, Tag::io)->Apply(net_shapes);
BENCHMARK_CAPTURE(time_product, linear_input_gradient, &Product::input_gradient, Tag::any)->Apply(net_shapes);
BENCHMARK_CAPTURE(time_product, linear_input_gradient_plain, &Product::input_gradient, Tag::io)->Apply(net_shapes);
BENCHMARK_CAPTURE(time_product, linear_weight_gradient, &Product::weight_gradient, Tag::any)->Apply(net_shapes);
BENCHMARK_CAPTURE(time_product, linear_weight_gradient_plain, &Product::weight_gradient, Tag::io)->Apply(net_shapes);

}  // namespace
}  // namespace redbud
