#pragma once
#include <algorithm>
#include <cstdint>

namespace redbud::kernels::cpu {

/// How many features a piece of batch normalisation takes: whole cache lines of a row, and at least about a microsecond of work.
inline int64_t batch_norm_grain(int64_t rows) {
  constexpr int64_t kElements = 8 * 1024;
  constexpr int64_t kLine = 16;
  return std::max<int64_t>(1, kElements / (rows * kLine)) * kLine;
}

}  // namespace redbud::kernels::cpu
