// The three products of a linear layer at the shapes of small nets, each beside its share of the peak that was probed
// just before.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "redbud/core/rng.h"
#include "redbud/core/tensor.h"
#include "redbud/kernels/linear.h"
#include "redbud/kernels/peak.h"

namespace redbud::kernels {
namespace {

/// Normal numbers. Rows start on cache lines, as the planner lays activations out, or lie dense, as weights do.
class Buffer {
 public:
  Buffer(int64_t rows, int64_t cols, bool dense)
      : stride_(dense ? cols : (cols + 15) / 16 * 16), memory_(rows * stride_ * int64_t{sizeof(float)}) {
    const auto values = memory_.as<float>();
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(random_normal({.seed = 1}, static_cast<int64_t>(i)));
    }
  }

  Matrix matrix() { return {memory_.data(), stride_}; }
  void* data() { return memory_.data(); }

 private:
  int64_t stride_;
  AlignedBuffer memory_;
};

struct Shape {
  int64_t rows, inputs, outputs;
  int threads;

  explicit Shape(const benchmark::State& state)
      : rows(state.range(0)),
        inputs(state.range(1)),
        outputs(state.range(2)),
        threads(static_cast<int>(state.range(3))) {}
};

template <class Problem, class Args>
void time_kernel(benchmark::State& state, std::span<const Kernel<Problem, Args>> list, const Problem& problem,
                 const Args& args) {
  const Shape s(state);
  ThreadPool pool(s.threads);
  const double peak = probe_fp32_gflops(pool);
  const auto& kernel = *choose(list, problem).kernel;
  for (auto _ : state) {
    kernel.run(problem, args, pool);
    benchmark::ClobberMemory();
  }
  const double flops =
      2.0 * static_cast<double>(s.rows * s.inputs * s.outputs) * static_cast<double>(state.iterations());
  state.counters["gflops"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsRate);
  state.counters["share_of_peak"] = benchmark::Counter(flops * 1e-9 / peak, benchmark::Counter::kIsRate);
  state.SetLabel(std::string(kernel.name));
}

void linear_forward(benchmark::State& state) {
  const Shape s(state);
  Buffer x(s.rows, s.inputs, false), w(s.inputs, s.outputs, true), y(s.rows, s.outputs, false), b(1, s.outputs, true);
  time_kernel(state, linear_forward_kernels(), {.rows = s.rows, .inputs = s.inputs, .outputs = s.outputs},
              {x.matrix(), w.matrix(), y.matrix(), b.data()});
}

void linear_input_gradient(benchmark::State& state) {
  const Shape s(state);
  const LinearInputGradientProblem problem{.rows = s.rows, .inputs = s.inputs, .outputs = s.outputs};
  Buffer dy(s.rows, s.outputs, false), w(s.inputs, s.outputs, true), dx(s.rows, s.inputs, false);
  AlignedBuffer scratch(linear_input_gradient_scratch_bytes(problem));
  time_kernel(state, linear_input_gradient_kernels(), problem,
              {dy.matrix(), w.matrix(), Matrix{}, dx.matrix(), scratch.data()});
}

void linear_weight_gradient(benchmark::State& state) {
  const Shape s(state);
  Buffer x(s.rows, s.inputs, false), dy(s.rows, s.outputs, false), dw(s.inputs, s.outputs, true),
      db(1, s.outputs, true);
  time_kernel(state, linear_weight_gradient_kernels(), {.rows = s.rows, .inputs = s.inputs, .outputs = s.outputs},
              {x.matrix(), dy.matrix(), dw.matrix(), db.data()});
}

// Of the nets 784-300-100-10 (batch 50), 784-5x100-5 (20), 784-10x100-10 (32, 128, 512), 784-10x512-10 (128, 512) and
// 784-4x2048-10 (256); prediction at 1 and 1024.
void net_shapes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"rows", "inputs", "outputs", "threads"})->Unit(benchmark::kMicrosecond);
  for (const auto& [rows, inputs, outputs] : {std::array<int64_t, 3>{50, 784, 300},
                                              {50, 300, 100},
                                              {50, 100, 10},
                                              {20, 784, 100},
                                              {20, 100, 100},
                                              {32, 100, 100},
                                              {128, 100, 100},
                                              {512, 100, 100},
                                              {128, 784, 512},
                                              {128, 512, 512},
                                              {512, 512, 512},
                                              {256, 784, 2048},
                                              {256, 2048, 2048},
                                              {1024, 784, 300},
                                              {1024, 100, 100},
                                              {1, 784, 300},
                                              {1, 100, 100},
                                              {1, 2048, 2048}}) {
    b->Args({rows, inputs, outputs, 1});
  }
}

void two_threads(benchmark::internal::Benchmark* b) {
  b->ArgNames({"rows", "inputs", "outputs", "threads"})->Unit(benchmark::kMicrosecond)->UseRealTime();
  for (const int64_t rows : {128, 512}) b->Args({rows, 512, 512, 2});
}

BENCHMARK(linear_forward)->Apply(net_shapes);
BENCHMARK(linear_input_gradient)->Apply(net_shapes);
BENCHMARK(linear_weight_gradient)->Apply(net_shapes);
BENCHMARK(linear_forward)->Apply(two_threads);
BENCHMARK(linear_input_gradient)->Apply(two_threads);
BENCHMARK(linear_weight_gradient)->Apply(two_threads);

}  // namespace
}  // namespace redbud::kernels
