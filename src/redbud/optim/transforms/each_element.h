#pragma once
#include <span>

#include "redbud/optim/gradient_transform.h"

namespace redbud {

/// Calls f(i) for every element of the runs; of the decayed ones alone where `decayed_only`.
template <class F>
void each_element(std::span<const ParameterRun> runs, bool decayed_only, F&& f) {
  for (const ParameterRun& run : runs) {
    if (decayed_only && !run.decayed) continue;
    for (int64_t i = run.begin; i < run.begin + run.size; ++i) f(static_cast<size_t>(i));
  }
}

}  // namespace redbud
