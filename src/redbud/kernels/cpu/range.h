#pragma once
#include <algorithm>
#include <cstdint>

namespace redbud::kernels::cpu {

struct Range {
  int64_t begin = 0;
  int64_t end = 0;

  int64_t size() const { return end - begin; }
};

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Part i of n when [0, size) is cut as evenly as can be; the longer parts come first.
inline Range part(int64_t size, int64_t n, int64_t i) {
  const int64_t shorter = size / n;
  const int64_t longer = size % n;
  return {shorter * i + std::min(i, longer), shorter * (i + 1) + std::min(i + 1, longer)};
}

}  // namespace redbud::kernels::cpu
