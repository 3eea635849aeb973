#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redbud/core/dtype.h"
#include "redbud/core/error.h"
#include "redbud/core/thread_pool.h"

namespace redbud::kernels {

/// Whether an implementation can do a problem, and why not.
struct Support {
  bool ok = true;
  std::string reason;

  static Support yes() { return {}; }
  static Support no(std::string why) { return {false, std::move(why)}; }
};

/// One implementation of an operation. A contract header declares its Problem (shapes and types), its Args (pointers),
/// and a function that gives the list of implementations, best first; the reference comes last and supports everything.
template <class Problem, class Args>
struct Kernel {
  std::string_view name;  // "cpu:simd", "ref"
  Support (*supports)(const Problem&);
  void (*run)(const Problem&, const Args&, ThreadPool&);
};

struct Refusal {
  std::string_view kernel;
  std::string reason;
};

template <class Problem, class Args>
struct Choice {
  const Kernel<Problem, Args>* kernel = nullptr;
  std::vector<Refusal> refused;  // those that come before it in the list
};

/// Which implementations may be chosen.
enum class KernelPolicy { Fastest, ReferenceOnly };

/// The first implementation in the list that supports the problem.
template <class Problem, class Args>
Choice<Problem, Args> choose(std::span<const Kernel<Problem, Args>> list, const Problem& problem,
                             KernelPolicy policy = KernelPolicy::Fastest) {
  Choice<Problem, Args> choice;
  for (const auto& kernel : list) {
    if (policy == KernelPolicy::ReferenceOnly && kernel.name != "ref") {
      choice.refused.push_back({kernel.name, "only references are wanted"});
      continue;
    }
    Support support = kernel.supports(problem);
    if (support.ok) {
      choice.kernel = &kernel;
      return choice;
    }
    choice.refused.push_back({kernel.name, std::move(support.reason)});
  }
  RB_ASSERT(choice.kernel != nullptr);
  return choice;
}

/// A matrix in memory whose element type stands in the Problem; `stride` elements from row to row. Rows start aligned
/// to 64 bytes where the plan laid them out.
struct Matrix {
  void* data = nullptr;
  int64_t stride = 0;

  template <class T>
  T* row(int64_t i) const {
    return static_cast<T*>(data) + i * stride;
  }
};

/// Calls f.template operator()<T>() with T = float or double, as the type says.
template <class F>
void with_scalar(DType type, F&& f) {
  if (type == DType::F64) {
    f.template operator()<double>();
  } else {
    RB_ASSERT(type == DType::F32);
    f.template operator()<float>();
  }
}

}  // namespace redbud::kernels
