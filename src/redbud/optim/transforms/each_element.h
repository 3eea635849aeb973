#pragma once
#include <span>

#include "redbud/optim/gradient_transform.h"

namespace redbud {

/// Calls f(i) for every element of a run, or f(i, settings).
template <class F>
void each_element(const ParameterRun& run, F&& f) {
  for (int64_t i = run.begin; i < run.begin + run.size; ++i) {
    if constexpr (std::is_invocable_v<F, size_t>) {
      f(static_cast<size_t>(i));
    } else {
      f(static_cast<size_t>(i), run.settings);
    }
  }
}

/// The same for every element of all runs.
template <class F>
void each_element(std::span<const ParameterRun> runs, F&& f) {
  for (const ParameterRun& run : runs) each_element(run, f);
}

}  // namespace redbud
