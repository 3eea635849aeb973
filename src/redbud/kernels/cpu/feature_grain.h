#pragma once
#include <algorithm>
#include <cstdint>

namespace redbud::kernels::cpu {

/// How many features a piece takes of a kernel that walks down all rows of some columns: at least about a microsecond
/// of work, in whole cache lines of a row, two at least (four where the matrix is wide) so that rows are not read in
/// stretches too short.
inline int64_t feature_grain(int64_t rows, int64_t features) {
  constexpr int64_t kElements = 8 * 1024;
  const int64_t unit = features >= 256 ? 64 : 32;
  return std::max<int64_t>(1, kElements / (rows * unit)) * unit;
}

}  // namespace redbud::kernels::cpu
