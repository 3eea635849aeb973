#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "redbud/core/rng.h"
#include "redbud/kernels/kernel.h"
#include "redbud/kernels/target.h"

// What the tests of kernels share.
namespace redbud::kernels {

/// A matrix in the middle of guard values: between its rows where the stride is larger, before the first, and none
/// behind the last, so that a sanitizer sees a read beyond the end. It does not start on a cache line.
template <class T>
class GuardedMatrix {
 public:
  GuardedMatrix(int64_t rows, int64_t features, int64_t padding = 0)
      : rows_(rows),
        features_(features),
        stride_(features + padding),
        memory_(static_cast<size_t>(kBefore + rows * stride_ - padding), kGuard) {
    fill(std::numeric_limits<T>::quiet_NaN());  // an output that is read shows itself
  }

  Matrix matrix() { return {memory_.data() + kBefore, stride_}; }
  T& at(int64_t n, int64_t k) { return memory_[static_cast<size_t>(kBefore + n * stride_ + k)]; }

  void fill(T value) {
    for_each([&](T& x, int64_t) { x = value; });
  }
  /// Normal numbers, rounded to T.
  void fill_normal(uint64_t seed, double scale = 1.0, double shift = 0.0) {
    for_each([&](T& x, int64_t i) { x = static_cast<T>(shift + scale * random_normal({.seed = seed}, i)); });
  }
  std::vector<T> values() {
    std::vector<T> dense;
    for_each([&](T& x, int64_t) { dense.push_back(x); });
    return dense;
  }
  template <class Values>
  void assign(const Values& dense) {
    for_each([&](T& x, int64_t i) { x = static_cast<T>(dense[static_cast<size_t>(i)]); });
  }
  bool guards_are_intact() {
    std::vector<bool> inside(memory_.size(), false);
    for_each([&](T& x, int64_t) { inside[static_cast<size_t>(&x - memory_.data())] = true; });
    for (size_t i = 0; i < memory_.size(); ++i) {
      if (!inside[i] && memory_[i] != kGuard) return false;
    }
    return true;
  }

 private:
  static constexpr int64_t kBefore = 3;
  static constexpr T kGuard = T(12345);

  template <class F>
  void for_each(F&& f) {
    for (int64_t n = 0; n < rows_; ++n) {
      for (int64_t k = 0; k < features_; ++k) f(at(n, k), n * features_ + k);
    }
  }

  int64_t rows_;
  int64_t features_;
  int64_t stride_;
  std::vector<T> memory_;
};

/// A pool of exactly so many threads, whatever the machine grants.
class TestPool {
 public:
  explicit TestPool(int threads) : pool_(threads, ThreadGrant{.threads = threads, .reason = "test"}) {}
  operator ThreadPool&() { return pool_; }

 private:
  ThreadPool pool_;
};

/// Calls f() once for every instruction set that this processor has, with all kernels forced to it.
template <class F>
void for_each_target(F&& f) {
  for (const std::string& target : supported_targets()) {
    SCOPED_TRACE(target);
    force_target(target);
    f();
  }
  force_target("");
}

/// Runs the kernel with 1, 2, 3 and 7 threads. `outputs` gives all that the kernel writes, `reset` undoes it; whether
/// the bits are equal.
template <class Problem, class Args, class Reset, class Outputs>
void expect_same_bits_for_all_threads(const Kernel<Problem, Args>& kernel, const Problem& problem, const Args& args,
                                      Reset&& reset, Outputs&& outputs) {
  reset();
  TestPool one(1);
  kernel.run(problem, args, one);
  const auto expected = outputs();
  for (const int threads : {2, 3, 7}) {
    SCOPED_TRACE(threads);
    reset();
    TestPool pool(threads);
    kernel.run(problem, args, pool);
    EXPECT_TRUE(outputs() == expected);
  }
}

/// The kernel of that name in a list.
template <class Problem, class Args>
const Kernel<Problem, Args>& kernel_named(std::span<const Kernel<Problem, Args>> list, std::string_view name) {
  for (const auto& kernel : list) {
    if (kernel.name == name) return kernel;
  }
  ADD_FAILURE() << "no kernel " << name;
  return list.back();
}

}  // namespace redbud::kernels
