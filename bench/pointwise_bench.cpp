// One thread's time for everything around the products: batch normalisation with activation and dropout, masks, losses,
// the optimizer.
#include <benchmark/benchmark.h>

#include <vector>

#include "redbud/core/tensor.h"
#include "redbud/kernels/activation.h"
#include "redbud/kernels/batch_norm.h"
#include "redbud/kernels/dropout.h"
#include "redbud/kernels/losses.h"
#include "redbud/kernels/optimizer_step.h"

namespace redbud::kernels {
namespace {

/// A dense matrix of normal numbers whose rows start on cache lines, as the planner lays them out.
class Buffer {
 public:
  Buffer(int64_t rows, int64_t features) : stride_((features + 15) / 16 * 16), memory_(rows * stride_ * 4) {
    const auto values = memory_.as<float>();
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(random_normal({.seed = 1}, static_cast<int64_t>(i)));
    }
  }
  explicit Buffer(int64_t size) : Buffer(1, size) {}

  Matrix matrix() { return {memory_.data(), stride_}; }
  float* data() { return memory_.as<float>().data(); }
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(memory_.data()); }

 private:
  int64_t stride_;
  AlignedBuffer memory_;
};

ThreadPool& one_thread() {
  static ThreadPool pool(1);
  return pool;
}

template <class Problem, class Args>
void time_kernel(benchmark::State& state, std::span<const Kernel<Problem, Args>> list, const Problem& problem,
                 const Args& args) {
  const auto& kernel = *choose(list, problem).kernel;
  for (auto _ : state) {
    kernel.run(problem, args, one_thread());
    benchmark::ClobberMemory();
  }
  state.SetLabel(std::string(kernel.name));
}

const Activation kElu{.kind = ActivationKind::Elu, .alpha = 1.0};

void activation_forward(benchmark::State& state) {
  const int64_t rows = state.range(0);
  const int64_t features = state.range(1);
  Buffer z(rows, features);
  Buffer y(rows, features);
  const Activation activation{.kind = static_cast<ActivationKind>(state.range(2)), .alpha = 1.0};
  time_kernel(state, activation_forward_kernels(), {.rows = rows, .features = features, .activation = activation},
              {.z = z.matrix(), .y = y.matrix()});
}

struct BatchNormBuffers {
  BatchNormBuffers(int64_t rows, int64_t features)
      : z(rows, features),
        y(rows, features),
        dy(rows, features),
        dz(rows, features),
        gamma(features),
        beta(features),
        mean(features),
        inv(features),
        running_mean(features),
        running_var(features),
        dgamma(features),
        dbeta(features),
        mask(rows, dropout_blocks(features)),
        scratch(batch_norm_scratch_bytes(rows, features)) {}

  Buffer z, y, dy, dz, gamma, beta, mean, inv, running_mean, running_var, dgamma, dbeta, mask;
  AlignedBuffer scratch;
};

void batch_norm_forward(benchmark::State& state) {
  const int64_t rows = state.range(0);
  const int64_t features = state.range(1);
  BatchNormBuffers b(rows, features);
  time_kernel(state, batch_norm_forward_kernels(),
              {.rows = rows, .features = features, .activation = kElu, .dropout = true, .dropout_scale = 2.0},
              {.z = b.z.matrix(),
               .y = b.y.matrix(),
               .gamma = b.gamma.data(),
               .beta = b.beta.data(),
               .mean = b.mean.data(),
               .inv = b.inv.data(),
               .running_mean = b.running_mean.data(),
               .running_var = b.running_var.data(),
               .mask = b.mask.bytes(),
               .scratch = b.scratch.data()});
}

void batch_norm_backward(benchmark::State& state) {
  const int64_t rows = state.range(0);
  const int64_t features = state.range(1);
  BatchNormBuffers b(rows, features);
  time_kernel(state, batch_norm_backward_kernels(),
              {.rows = rows, .features = features, .activation = kElu, .dropout = true, .dropout_scale = 2.0},
              {.dy = b.dy.matrix(),
               .z = b.z.matrix(),
               .y = b.y.matrix(),
               .dz = b.dz.matrix(),
               .gamma = b.gamma.data(),
               .mean = b.mean.data(),
               .inv = b.inv.data(),
               .mask = b.mask.bytes(),
               .dgamma = b.dgamma.data(),
               .dbeta = b.dbeta.data(),
               .scratch = b.scratch.data()});
}

void dropout_mask(benchmark::State& state) {
  const int64_t rows = state.range(0);
  const int64_t features = state.range(1);
  Buffer mask(rows, dropout_blocks(features));
  time_kernel(state, dropout_mask_kernels(), {.rows = rows, .features = features, .threshold = 32768},
              {.key = {.seed = 1, .stream = Stream::Dropout}, .mask = mask.bytes()});
}

void softmax_cross_entropy(benchmark::State& state) {
  const int64_t rows = state.range(0);
  const int64_t outputs = state.range(1);
  Buffer scores(rows, outputs);
  Buffer gradient(rows, outputs);
  std::vector<int32_t> target(static_cast<size_t>(rows), 3);
  double loss = 0.0;
  time_kernel(state, softmax_cross_entropy_kernels(), {.rows = rows, .outputs = outputs},
              {.scores = scores.matrix(), .target = {target.data(), 1}, .dscores = gradient.matrix(), .loss = &loss});
}

void optimizer_step(benchmark::State& state) {
  const int64_t size = state.range(0);
  Buffer w(size), g(size), m(size), v(size);
  for (int64_t i = 0; i < size; ++i) v.data()[i] = 1.0F;
  const auto rule = static_cast<OptimizerStepProblem::Rule>(state.range(1));
  time_kernel(state, optimizer_step_kernels(), {.rule = rule, .size = size},
              {.w = w.data(),
               .g = g.data(),
               .first = m.data(),
               .second = v.data(),
               .learning_rate = 1e-3,
               .beta1 = 0.9,
               .beta2 = 0.999,
               .epsilon = 1e-8});
  constexpr int64_t kBytes[] = {12, 20, 20, 20, 28};  // moved a parameter, in the order of the rules
  state.SetBytesProcessed(state.iterations() * size * kBytes[state.range(1)]);
}

/// a += b * c, four streams: what memory gives at best for the optimizer's traffic.
void stream(benchmark::State& state) {
  const int64_t size = state.range(0);
  Buffer a(size), b(size), c(size), d(size);
  for (auto _ : state) {
    float* __restrict w = a.data();
    float* __restrict m = b.data();
    float* __restrict v = c.data();
    const float* __restrict g = d.data();
    for (int64_t i = 0; i < size; ++i) {
      w[i] += g[i];
      m[i] += g[i];
      v[i] += g[i];
    }
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * size * 28);
}

void squared_norm(benchmark::State& state) {
  Buffer g(state.range(0));
  double sum = 0.0;
  bool finite = false;
  time_kernel(state, squared_norm_kernels(), {.size = state.range(0)}, {.g = g.data(), .sum = &sum, .finite = &finite});
  state.SetBytesProcessed(state.iterations() * state.range(0) * 4);
}

void batches(benchmark::internal::Benchmark* b) {
  for (const int64_t rows : {32, 128, 512}) b->Args({rows, 100});
  b->Args({512, 512});
}

BENCHMARK(activation_forward)->ArgsProduct({{128}, {100}, {1, 2, 5, 6}})->ArgNames({"rows", "features", "kind"});
BENCHMARK(batch_norm_forward)->Apply(batches);
BENCHMARK(batch_norm_backward)->Apply(batches);
BENCHMARK(dropout_mask)->Apply(batches);
BENCHMARK(softmax_cross_entropy)->Args({32, 10})->Args({128, 10})->Args({512, 10})->Args({512, 1000});
BENCHMARK(optimizer_step)->ArgsProduct({{16 * 1024, 169000, 4000000}, {0, 1, 3, 4}})->ArgNames({"size", "rule"});
BENCHMARK(stream)->Arg(16 * 1024)->Arg(169000)->Arg(4000000);
BENCHMARK(squared_norm)->Arg(169000);

}  // namespace
}  // namespace redbud::kernels
