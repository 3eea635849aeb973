// The three products of a linear layer at the shapes of small nets, each beside its share of the peak that was probed
// just before.
#include <string>

#include "linear_shapes.h"
#include "redbud/kernels/linear.h"

namespace redbud::kernels {
namespace {

template <class Problem, class Args>
void time_kernel(benchmark::State& state, std::span<const Kernel<Problem, Args>> list, const Problem& problem,
                 const Args& args) {
  const LinearShape s(state);
  ThreadPool pool(s.threads);
  const auto& kernel = *choose(list, problem).kernel;
  for (auto _ : state) {
    kernel.run(problem, args, pool);
    benchmark::ClobberMemory();
  }
  s.report(state);
  state.SetLabel(std::string(kernel.name));
}

void linear_forward(benchmark::State& state) {
  const LinearShape s(state);
  BenchMatrix x(s.rows, s.inputs, false), w(s.inputs, s.outputs, true), y(s.rows, s.outputs, false),
      b(1, s.outputs, true);
  time_kernel(state, linear_forward_kernels(), {.rows = s.rows, .inputs = s.inputs, .outputs = s.outputs},
              {x.matrix(), w.matrix(), y.matrix(), b.data()});
}

void linear_input_gradient(benchmark::State& state) {
  const LinearShape s(state);
  const LinearInputGradientProblem problem{.rows = s.rows, .inputs = s.inputs, .outputs = s.outputs};
  BenchMatrix dy(s.rows, s.outputs, false), w(s.inputs, s.outputs, true), dx(s.rows, s.inputs, false);
  AlignedBuffer scratch(linear_input_gradient_scratch_bytes(problem));
  time_kernel(state, linear_input_gradient_kernels(), problem,
              {dy.matrix(), w.matrix(), Matrix{}, dx.matrix(), scratch.data()});
}

void linear_weight_gradient(benchmark::State& state) {
  const LinearShape s(state);
  const LinearWeightGradientProblem problem{.rows = s.rows, .inputs = s.inputs, .outputs = s.outputs};
  BenchMatrix x(s.rows, s.inputs, false), dy(s.rows, s.outputs, false), dw(s.inputs, s.outputs, true),
      db(1, s.outputs, true);
  AlignedBuffer scratch(linear_weight_gradient_scratch_bytes(problem));
  time_kernel(state, linear_weight_gradient_kernels(), problem,
              {x.matrix(), dy.matrix(), dw.matrix(), db.data(), scratch.data()});
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
