#pragma once
// What the benchmarks of linear layers' products share: the shapes of small and wide nets, and matrices for them.
#include <benchmark/benchmark.h>

#include <array>
#include <map>

#include "redbud/core/rng.h"
#include "redbud/core/tensor.h"
#include "redbud/kernels/kernel.h"
#include "redbud/kernels/peak.h"

namespace redbud {

/// Normal numbers. Rows start on cache lines, as the planner lays activations out, or lie dense, as weights do.
class BenchMatrix {
 public:
  BenchMatrix(int64_t rows, int64_t cols, bool dense)
      : stride_(dense ? cols : (cols + 15) / 16 * 16), memory_(rows * stride_ * int64_t{sizeof(float)}) {
    const auto values = memory_.as<float>();
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(random_normal({.seed = 1}, static_cast<int64_t>(i)));
    }
  }

  kernels::Matrix matrix() { return {memory_.data(), stride_}; }
  void* data() { return memory_.data(); }

 private:
  int64_t stride_;
  AlignedBuffer memory_;
};

struct LinearShape {
  int64_t rows, inputs, outputs;
  int threads;

  explicit LinearShape(const benchmark::State& state)
      : rows(state.range(0)),
        inputs(state.range(1)),
        outputs(state.range(2)),
        threads(static_cast<int>(state.range(3))) {}

  /// Tells the rate reached since the timing began, and its share of the peak, which is probed once a program.
  void report(benchmark::State& state) const {
    static std::map<int, double> peaks;
    const auto [peak, is_new] = peaks.try_emplace(threads);
    if (is_new) {
      ThreadPool pool(threads);
      peak->second = kernels::probe_fp32_gflops(pool);
    }
    const double flops = 2.0 * static_cast<double>(rows * inputs * outputs) * static_cast<double>(state.iterations());
    state.counters["gflops"] = benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsRate);
    state.counters["share_of_peak"] = benchmark::Counter(flops * 1e-9 / peak->second, benchmark::Counter::kIsRate);
  }
};

/// Of the nets 784-300-100-10 (batch 50), 784-5x100-5 (20), 784-10x100-10 (32, 128, 512), 784-10x512-10 (128, 512) and
/// 784-4x2048-10 (256); prediction at 1 and 1024.
inline void net_shapes(benchmark::internal::Benchmark* b) {
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

}  // namespace redbud
